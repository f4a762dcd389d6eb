"""Moving in and out: importers read other systems' files, exporters write ours."""
