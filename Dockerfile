# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /src
# The widget comes built (widget/dist is committed): no Node here.
COPY pyproject.toml README.md LICENSE ./
COPY widget/dist widget/dist
COPY widget/src/messages/en.json widget/src/messages/en.json
COPY service service
RUN /venv/bin/pip install ".[redis,postgresql,apprise]" \
 && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Afterword" \
      org.opencontainers.image.description="Comments for any web page" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 afterword \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin afterword \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AFTERWORD_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["afterword"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
