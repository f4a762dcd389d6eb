# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# For strip: half of what compiled modules weigh is for debuggers.
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
RUN groupadd --gid 10001 afterword \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin afterword
RUN python -m venv /venv
WORKDIR /src
# The widget comes built (widget/dist is committed): no Node here.
COPY pyproject.toml README.md LICENSE ./
COPY widget/dist widget/dist
COPY widget/src/messages/en.json widget/src/messages/en.json
COPY service service
RUN /venv/bin/pip install --no-compile ".[redis,postgresql,apprise,sentry]" \
 && /venv/bin/pip uninstall --yes pip
# Compiled ahead is what a start imports: the rest of the packages would be a third of the image.
# What wheels bundle (*.libs) was moved about by other tools and stays as it is.
COPY deploy/docker/compile.py deploy/docker/gather.py ./
RUN /venv/bin/python compile.py \
 && find /venv -name '*.so*' -type f -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
 && python gather.py /venv /image \
 && install --directory --mode=0700 /owned/data

FROM scratch
LABEL org.opencontainers.image.title="Afterword" \
      org.opencontainers.image.description="Comments for any web page" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /image /
COPY --from=build --chown=10001:10001 /owned /
ENV PATH=/venv/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    AFTERWORD_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Not by way of a proxy, which Docker puts into containers where its client has one.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["afterword"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
