"""What Alembic runs: the connection comes from ``operate.migrate``, there is no ini file."""

from alembic import context

from afterword.core.db import Model
from afterword.identity import models as _identity  # noqa: F401 - each brings its tables
from afterword.jobs import models as _jobs  # noqa: F401
from afterword.mentions import models as _mentions  # noqa: F401
from afterword.moderation import models as _moderation  # noqa: F401
from afterword.notify import models as _notify  # noqa: F401
from afterword.sites import models as _sites  # noqa: F401
from afterword.spam import networks as _networks  # noqa: F401
from afterword.spam import traces as _traces  # noqa: F401
from afterword.threads import models as _threads  # noqa: F401
from afterword.transfer.uploads import models as _uploads  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
