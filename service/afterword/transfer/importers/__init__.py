"""Importers: one file a format, named in ``transfer.formats``. None knows another."""
