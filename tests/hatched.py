"""What a process of ``hatchery`` has imported before it begins: all commands, jobs, the service."""

from afterword.cli.group import COMMANDS
from afterword.core import registry
from afterword.jobs.kinds import KINDS

for dotted in (*COMMANDS.values(), *KINDS.values(), "afterword.app:create_app"):
    registry.load(dotted)
