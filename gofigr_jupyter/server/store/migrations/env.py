"""Alembic's entry: run the migrations on the connection that `database` hands over, in its transaction."""

from alembic import context

from gofigr_jupyter.server.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can, and a kill half-way then leaves the old schema whole
    render_as_batch=True,
)
context.run_migrations()
