"""Formats by name."""

AUTO = "auto"  # whichever importer knows the file by what is in it

IMPORTERS = {
    "native": "afterword.transfer.importers.native:Native",
    "disqus": "afterword.transfer.importers.disqus:Disqus",
    "wordpress": "afterword.transfer.importers.wordpress:WordPress",
    "blogger": "afterword.transfer.importers.blogger:Blogger",
    "isso": "afterword.transfer.importers.isso:Isso",
    "remark42": "afterword.transfer.importers.remark42:Remark42",
    "comentario": "afterword.transfer.importers.comentario:Comentario",
    "commento": "afterword.transfer.importers.comentario:Comentario",
    "cusdis": "afterword.transfer.importers.cusdis:Cusdis",
    "waline": "afterword.transfer.importers.waline:Waline",
    "valine": "afterword.transfer.importers.waline:Waline",
    "twikoo": "afterword.transfer.importers.twikoo:Twikoo",
    "artalk": "afterword.transfer.importers.artalk:Artalk",
    "giscus": "afterword.transfer.importers.giscus:Giscus",
    "utterances": "afterword.transfer.importers.utterances:Utterances",
    "staticman": "afterword.transfer.importers.staticman:Staticman",
    "csv": "afterword.transfer.importers.csv:Csv",
}
EXPORTERS = {
    "native": "afterword.transfer.exporters.native:write",
    "csv": "afterword.transfer.exporters.csv:write",
    "disqus": "afterword.transfer.exporters.disqus:write",
    "wordpress": "afterword.transfer.exporters.wordpress:write",
    "html": "afterword.transfer.exporters.html:write",
}
