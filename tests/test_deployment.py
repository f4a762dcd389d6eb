"""What lies ready in ``deploy`` fits the service: its settings, its addresses, its image."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from afterword.cli import cli
from afterword.core import config
from afterword.web import bodies
from tests import proxies, running

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy"
COMPOSE = [ROOT / "compose.yaml", FOLDER / "docker" / "compose.yaml"]
UNIT = FOLDER / "systemd" / "afterword.service"
# What systemd-analyze calls exposure, of ten: a unit without any of these lines has 9.2.
MOST_EXPOSED = 2.5
OURS = {variable for variable, _, _ in config.table()}
SECRET = {
    f"AFTERWORD_{f.name.upper()}" for f in config.fields(config.Settings) if f.metadata["secret"]
}


def is_setting(name: str) -> bool:
    return name in OURS or (name.endswith("_FILE") and name.removesuffix("_FILE") in SECRET)


def parses(words: list[str]) -> None:
    """Fails where these are no words of a command of ours."""
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None, words
    command.make_context(words[0], words[1:])


def dockerfile(instruction: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^\s*{instruction} (.*)$", text.partition("FROM scratch")[2], re.MULTILINE)


def kubernetes() -> dict[str, dict[str, Any]]:
    objects = yaml.safe_load_all(
        (FOLDER / "kubernetes" / "afterword.yaml").read_text(encoding="utf-8")
    )
    return {one["kind"]: one for one in objects}


def container() -> dict[str, Any]:
    (only,) = kubernetes()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return dict(only)


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.parent.name)
def test_a_compose_file_is_whole(path):
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    ours = whole["services"]["afterword"]
    assert all(is_setting(name) for name in ours["environment"]), ours["environment"]
    assert (path.parent / ours["build"] / "Dockerfile").exists()
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert "/tmp" in ours["tmpfs"]
    assert "data:/data" in ours["volumes"]
    if "command" in ours:
        parses(ours["command"])
    for service in whole["services"].values():
        for secret in service.get("secrets", ()):
            assert secret in whole["secrets"]
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in whole["volumes"] or (path.parent / source).exists(), volume
        assert service["restart"] == "unless-stopped"
        assert service["image"] == "afterword" or ":" in service["image"], "a version is named"
        for name, value in service.get("environment", {}).items():
            if name.endswith("_FILE"):
                assert Path(value).name in service["secrets"], name


def test_several_processes_have_redis_and_a_database_that_several_can_use():
    whole = yaml.safe_load(COMPOSE[1].read_text(encoding="utf-8"))["services"]
    assert {"afterword", "postgresql", "redis", "caddy"} == whole.keys()
    told = whole["afterword"]["environment"]
    assert {"AFTERWORD_REDIS_URL", "AFTERWORD_DATABASE_URL_FILE"} <= told.keys()
    for name in ("postgresql", "redis"):
        assert whole[name]["healthcheck"]["test"], name
        assert "ports" not in whole[name], "nobody outside reaches it"
        assert whole["afterword"]["depends_on"][name] == {"condition": "service_healthy"}
    comment = COMPOSE[1].read_text(encoding="utf-8")
    assert "postgresql+psycopg://afterword:$(cat database-password)@postgresql/afterword" in comment


def test_the_secrets_of_the_compose_file_are_for_its_container_and_no_commit():
    """A file is mounted as it is: who reads it inside is who may read it outside."""
    path = COMPOSE[1]
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    files = {name: Path(secret["file"]).name for name, secret in whole["secrets"].items()}
    for file in files.values():
        assert f"/deploy/docker/{file}" in ignored
    ours = {files[name] for name in whole["services"]["afterword"]["secrets"]}
    user = dockerfile("USER")[0].partition(":")[0]
    for text in (page, path.read_text(encoding="utf-8").replace("#   ", "")):
        begun = text.partition("cd deploy/docker\n")[2]
        assert begun.startswith("umask 077\n")
        (chown,) = re.findall(r"^sudo chown (.*)$", begun, re.MULTILINE)
        assert shlex.split(chown)[0] == user
        assert set(shlex.split(chown)[1:]) == ours


@pytest.mark.slow
def test_a_container_is_healthy_by_its_own_answer_whatever_proxy_it_is_told_of(tmp_path):
    """Docker puts its client's `http_proxy` into containers."""
    (check,) = dockerfile("HEALTHCHECK")
    _, *words = json.loads(check.partition("CMD ")[2])
    running.installed(tmp_path / "data", "https://blog.example")
    with running.serving(tmp_path / "data") as service:
        port = service.url.rpartition(":")[2]
        words = [word.replace(":8000/", f":{port}/") for word in words]
        told = {"http_proxy": f"http://127.0.0.1:{running.free_port()}"}
        assert subprocess.run([sys.executable, *words], env=told, check=False).returncode == 0
        service.stop()
        gone = subprocess.run([sys.executable, *words], env=told, capture_output=True, check=False)
        assert gone.returncode != 0


def test_the_compose_files_are_two_projects_in_whatever_folder_the_source_is():
    """The first is called as its folder, afterword where the source was cloned as it is called."""
    first, second = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in COMPOSE)
    assert "name" not in first
    assert second["name"] not in {"afterword", "docker", ROOT.name}


def test_what_a_compose_file_asks_for_is_told_to_every_later_command_too():
    """Said before one command alone it is gone for the next, for `logs` as for an upgrade."""
    path = COMPOSE[1]
    needed = set(re.findall(r"\$\{(\w+):\?", path.read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    for text in (page, path.read_text(encoding="utf-8").replace("#   ", "")):
        begun = text.partition("cd deploy/docker\n")[2].partition("docker compose ")[0]
        assert set(re.findall(r"^echo (\w+)=\S+ > \.env$", begun, re.MULTILINE)) == needed
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    for told in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *COMPOSE]:
        words = told.read_text(encoding="utf-8").replace("\\\n", " ")
        assert not re.search(r"AFTERWORD_\w+=\S*\s+docker compose", words), told.name
    asked = set(re.findall(r"\$\{(AFTERWORD_[PT]\w+):-", COMPOSE[0].read_text(encoding="utf-8")))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for text in (page, readme):
        (lines,) = re.findall(r"^cat > \.env <<'END'\n(.*?)^END$", text, re.MULTILINE | re.DOTALL)
        assert {line.partition("=")[0] for line in lines.splitlines()} == asked


def test_the_lines_of_an_upgrade_take_the_newest_of_what_we_are_built_on():
    """pip keeps what is new enough and Docker what it has, with the holes in them."""
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    upgrade = page.partition("\n## Upgrade\n")[2].partition("\n## ")[0]
    for tool, needed in {
        "pip install": {"--upgrade", "--upgrade-strategy", "eager"},
        "docker compose build": {"--pull", "--no-cache"},
        "docker build": {"--pull", "--no-cache"},
    }.items():
        lines = re.findall(rf"^ .*{tool} (.*)$", upgrade, re.MULTILINE)
        assert lines
        assert all(needed <= set(shlex.split(words)) for words in lines)
    assert "--build" not in upgrade


@pytest.mark.parametrize(
    ("begin", "install", "start"),
    [
        ("With systemd", "/bin/pip install .", "systemctl start"),
        ("With Docker,", "docker compose build", "docker compose up"),
    ],
)
def test_the_way_back_takes_comments_out_before_the_old_version_is_there(begin, install, start):
    """The old one refuses the database that the new one has changed."""
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    back = page.partition("\n### Back to the old version\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", back.partition(f"\n{begin}")[2], re.DOTALL)
    steps = ("/backups", " stop ", " export ", install, " restore ", " import ", start)
    places = ["".join(blocks[:2]).find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("page", ["operate.md", "backup.md"])
def test_copies_in_a_container_without_a_shell_are_listed_by_the_line_of_the_docs(page, tmp_path):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^docker compose run --rm --entrypoint (.*)$", text, re.MULTILINE)
    program, service, *words = shlex.split(line)
    (check,), (data,) = dockerfile("HEALTHCHECK"), dockerfile("VOLUME")
    assert program == json.loads(check.partition("CMD ")[2])[0]
    assert service in yaml.safe_load(COMPOSE[0].read_text(encoding="utf-8"))["services"]
    assert f"'{data}/backups'" in words[-1]
    for name in ("scheduled-2.db", "before-upgrade-1.db"):
        (tmp_path / name).touch()
    words[-1] = words[-1].replace(f"{data}/backups", str(tmp_path))
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["before-upgrade-1.db", "scheduled-2.db"]


def test_the_lines_for_mail_reach_the_service_from_env_of_either_compose_file():
    page = (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    told = dict(line.split("=", 1) for line in block.splitlines())
    config.read({name: value.strip('"') for name, value in told.items()})
    for path in COMPOSE:
        asked = re.findall(r"\$\{(\w+):-", path.read_text(encoding="utf-8"))
        assert told.keys() <= set(asked), path


def test_the_proxy_of_the_compose_file_is_trusted_and_leads_to_the_service():
    whole = yaml.safe_load(COMPOSE[1].read_text(encoding="utf-8"))
    subnets = [one["subnet"] for one in whole["networks"]["front"]["ipam"]["config"]]
    told = whole["services"]["afterword"]["environment"]
    trusted = config.read({"AFTERWORD_TRUSTED_PROXIES": told["AFTERWORD_TRUSTED_PROXIES"]})
    assert [str(one) for one in trusted.trusted_proxies] == subnets
    caddyfile = (FOLDER / "docker" / "Caddyfile").read_text(encoding="utf-8")
    (to,) = re.findall(r"reverse_proxy (\S+)", caddyfile)
    words = whole["services"]["afterword"]["command"]
    assert to == f"afterword:{words[words.index('--port') + 1]}"
    assert (
        set(re.findall(r"\{\$(\w+)\}", caddyfile))
        <= whole["services"]["caddy"]["environment"].keys()
    )


def test_caddy_lets_pass_in_docker_what_the_service_takes():
    """What is longer the service refuses itself, with a code that clients know."""
    read = json.dumps(proxies.caddy_reads(FOLDER / "docker" / "Caddyfile"))
    assert re.findall(r'"max_size": (\d+)', read) == [str(bodies.MOST_OF_FORM)]


def test_both_files_for_caddy_end_a_request_that_does_not_get_whole():
    """As the program itself understands them: in nanoseconds."""
    ended = []
    for path in (FOLDER / "docker" / "Caddyfile", FOLDER / "caddy" / "Caddyfile"):
        (server,) = proxies.caddy_reads(path)["apps"]["http"]["servers"].values()
        ended.append({name: end for name, end in server.items() if name.endswith("_timeout")})
    assert ended[0] == ended[1]
    assert ended[0]["read_timeout"] == ended[0]["read_header_timeout"] == 30 * 10**9


def test_readers_who_come_by_ipv6_are_told_apart_behind_the_compose_file():
    """In a network without it Docker passes their connections on under its own one address."""
    front = yaml.safe_load(COMPOSE[1].read_text(encoding="utf-8"))["networks"]["front"]
    assert front["enable_ipv6"] is True
    subnets = [ipaddress.ip_network(one["subnet"]) for one in front["ipam"]["config"]]
    assert sorted(one.version for one in subnets) == [4, 6]
    assert all(one.is_private for one in subnets)


def test_the_image_runs_as_nobody_special_and_what_it_runs_exists():
    assert dockerfile("USER") == ["10001:10001"]
    assert dockerfile("ENTRYPOINT") == ['["afterword"]']
    parses(json.loads(dockerfile("CMD")[-1]))
    assert dockerfile("STOPSIGNAL") == ["SIGTERM"]
    copied = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for path in re.findall(r"deploy/docker/\w+\.py", copied):
        assert (ROOT / path).exists()
        assert f"!{path}" in kept


def test_kubernetes_asks_addresses_that_are_there(app):
    ours = container()
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    (port,) = ours["ports"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = ours[probe]["httpGet"]
        assert asked["path"] in rules
        assert asked["port"] == port["name"]
    assert ours["readinessProbe"]["httpGet"]["path"] == "/readyz"
    words = ours["args"]
    assert words[words.index("--port") + 1] == str(port["containerPort"])
    parses(words)


def test_the_objects_of_kubernetes_fit_one_another():
    objects = kubernetes()
    assert objects.keys() == {"PersistentVolumeClaim", "Deployment", "Service", "Ingress"}
    deployment, service = objects["Deployment"]["spec"], objects["Service"]["spec"]
    pod = deployment["template"]
    assert deployment["selector"]["matchLabels"] == pod["metadata"]["labels"] == service["selector"]
    assert service["ports"][0]["targetPort"] == container()["ports"][0]["name"]
    (rule,) = objects["Ingress"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == objects["Service"]["metadata"]["name"]
    assert backend["port"]["name"] == service["ports"][0]["name"]
    told = {one["name"]: one["value"] for one in container()["env"]}
    assert told["AFTERWORD_PUBLIC_URL"] == f"https://{rule['host']}"
    assert all(is_setting(name) for name in told)
    # SQLite has one writer: two pods at once would be two services over one file.
    assert (deployment["replicas"], deployment["strategy"]["type"]) == (1, "Recreate")
    volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
    mounts = {one["mountPath"]: one["name"] for one in container()["volumeMounts"]}
    assert set(mounts.values()) == volumes.keys()
    assert {"/data", "/tmp"} <= mounts.keys()
    claim = volumes[mounts["/data"]]["persistentVolumeClaim"]["claimName"]
    assert claim == objects["PersistentVolumeClaim"]["metadata"]["name"]


def test_the_name_in_the_objects_of_kubernetes_stands_as_often_as_their_first_lines_say():
    text = (FOLDER / "kubernetes" / "afterword.yaml").read_text(encoding="utf-8")
    first = text.partition("apiVersion")[0]
    (often,) = re.findall(r"which stands (\w+) times", first)
    assert text.removeprefix(first).count("comments.example.org") == {"two": 2, "three": 3}[often]


def test_what_changes_in_them_for_postgresql_fits_them():
    """As docs/install.md, which the first lines name, has it."""
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    part = page.partition("\n## Kubernetes\n")[2].partition("\n## ")[0]
    env, volume = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", part, re.DOTALL))
    assert all(is_setting(one["name"]) for one in env)
    mounts = {one["mountPath"]: one["name"] for one in container()["volumeMounts"]}
    told = {one["name"]: one["value"] for one in env}
    (secret,) = re.findall(r"--from-literal=([\w-]+)=postgresql", part)
    assert told["AFTERWORD_DATABASE_URL_FILE"] == f"/run/secrets/afterword/{secret}"
    assert "/run/secrets/afterword" in mounts
    assert told["AFTERWORD_DATA"].startswith("/data/")
    assert volume[0].keys() == {"name", "emptyDir"}
    assert volume[0]["name"] == mounts["/data"]


def test_a_backup_is_restored_into_the_volume_of_the_pod_as_its_user():
    page = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    (run,) = re.findall(r"^kubectl \S+ run (.*?) < ", page, re.MULTILINE | re.DOTALL)
    words = shlex.split(run.replace("\\\n", " "))
    told = json.loads(words[words.index("--overrides") + 1])["spec"]
    pod = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    assert told["securityContext"].items() <= pod["securityContext"].items()
    (only,) = told["containers"]
    parses(only["args"])
    assert only["name"] == words[0]
    assert only["image"] == words[words.index("--image") + 1] == container()["image"]
    assert only["volumeMounts"][0] in container()["volumeMounts"]
    assert told["volumes"][0] in pod["volumes"]


def test_a_pod_may_no_more_than_the_image_needs():
    pod = kubernetes()["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    own = container()["securityContext"]
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}


def test_nginx_takes_its_file_as_it_is_and_makes_the_folder_of_what_it_keeps(tmp_path):
    """It makes the last folder of a path alone: the one above has to be on every machine."""
    (folder,) = re.findall(
        r"^proxy_cache_path (\S+)",
        (FOLDER / "nginx" / "afterword.conf").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert Path(folder).parent == Path("/var/cache"), "hier(7)"
    if os.geteuid() != 0:
        pytest.skip("only root, as which nginx begins, may make the folder")
    was_there = Path(folder).exists()
    try:
        done = proxies.nginx_tries(tmp_path)
        assert (done.returncode, Path(folder).is_dir()) == (0, True), done.stderr
    finally:
        if not was_there and Path(folder).exists():
            Path(folder).rmdir()


def test_commands_run_as_the_unit_of_systemd_does():
    """With other settings the doctor is wrong, and `sites add` makes another database."""
    unit = UNIT.read_text(encoding="utf-8")
    told = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert "Environment" not in told, "what stands in the unit is not known to commands"
    wrapper = UNIT.with_suffix(".sh")
    assert os.access(wrapper, os.X_OK)
    (line,) = re.findall(r"^exec (.*)", wrapper.read_text(encoding="utf-8"), re.M | re.S)
    words = shlex.split(line.replace("\\\n", " "))
    assert f"--property=EnvironmentFile={told['EnvironmentFile']}" in words
    assert f"--uid={told['User']}" in words
    assert words[-2:] == [shlex.split(told["ExecStart"])[0], "$@"]
    settings = UNIT.with_suffix(".env")
    lines = settings.read_text(encoding="utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    assert all(is_setting(name) for name in names), names
    assert f"AFTERWORD_DATA=/var/lib/{told['StateDirectory']}" in lines
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    put = re.findall(r"^sudo install --mode=(\d+) (\S+) (\S+)$", page, re.MULTILINE)
    assert [(mode, ROOT / file) for mode, file, _ in put] == [
        ("600", settings),
        ("644", UNIT),
        ("755", wrapper),
    ]
    assert put[0][2] == told["EnvironmentFile"]
    assert f"sudo {Path(put[2][2]).name} doctor" in page


def test_the_unit_of_systemd_runs_what_exists():
    unit = UNIT.read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, *words = shlex.split(line)
    assert program == "/opt/afterword/bin/afterword"
    parses(words)


def test_the_data_folder_is_made_by_the_unit_and_nothing_else_is_put_there():
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"^sudo useradd (.*)$", page, re.MULTILINE)
    told = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert told["StateDirectory"] == told["User"] == shlex.split(words)[-1]
    assert told["StateDirectoryMode"] == "0700"
    assert f"--home-dir /var/lib/{told['StateDirectory']}" in words
    assert "--create-home" not in words, "it would copy /etc/skel"


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    tool = shutil.which("systemd-analyze")
    assert tool, "apt-get install systemd"
    here = tmp_path / UNIT.name
    unit = UNIT.read_text(encoding="utf-8")
    here.write_text(unit.replace("/opt/afterword/bin/afterword", "/bin/true"), encoding="utf-8")
    looked = subprocess.run(
        [tool, "verify", "--man=no", here], capture_output=True, text=True, check=False
    )
    ours = [line for line in looked.stderr.splitlines() if UNIT.name in line]
    assert (looked.returncode, ours) == (0, [])
    told = subprocess.run(
        [tool, "security", "--offline=true", "--no-pager", here],
        capture_output=True,
        text=True,
        check=False,
    )
    exposed = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)
    assert exposed, told.stderr
    assert float(exposed[1]) <= MOST_EXPOSED
