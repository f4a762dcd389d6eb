"""Where the tag goes, for each of the usual generators: data that a page fills in.

``HOST`` is this service's address, ``DOMAIN`` that without ``https://``, ``ORIGIN`` the blog's,
``SOURCE`` the script's address with what else its tag needs. Attributes have values throughout, since Blogger reads its themes as XML.
"""
# ruff: noqa: E501 - what is pasted keeps its own lines

from __future__ import annotations

from dataclasses import dataclass

from afterword.core.i18n import N_

_TAG = """\
<script SOURCE async></script>
<noscript><a href="HOST/thread" referrerpolicy="no-referrer-when-downgrade">Comments</a></noscript>
"""
# Without site_url pages have no address; the widget then asks the browser.
_MKDOCS = """\
<afterword-thread{% if page.canonical_url %} data-url="{{ page.canonical_url }}"{% endif %}>
  <a href="HOST/thread{% if page.canonical_url %}?url={{ page.canonical_url|urlencode }}{% endif %}" \
referrerpolicy="no-referrer-when-downgrade">Comments</a>
</afterword-thread>
<script SOURCE async></script>
"""
_OF_MKDOCS = N_(
    "In mkdocs.yml, custom_dir, under theme, has to be overrides, and site_url should be the "
    "address of your pages."
)


@dataclass(frozen=True)
class Step:
    """What to put into which file."""

    says: str
    file: str
    code: str


@dataclass(frozen=True)
class Recipe:
    """How one generator gets the tag: the first step has the tag itself."""

    key: str
    name: str
    steps: tuple[Step, ...]
    note: str = ""


def fill(code: str, *, host: str, origin: str, source: str) -> str:
    """A recipe's code with the addresses in it."""
    domain = host.partition("://")[2]
    filled = code.replace("SOURCE", source).replace("HOST", host).replace("ORIGIN", origin)
    return filled.replace("DOMAIN", domain).rstrip("\n")


def plain(host: str) -> str:
    """The tag itself, which works everywhere."""
    return fill(_TAG, host=host, origin="", source=f'src="{host}/embed.js"')


def policy(host: str) -> str:
    """What a blog's Content-Security-Policy has to allow."""
    return f"script-src {host}; connect-src {host}"


RECIPES = (
    Recipe(
        "html",
        N_("Plain HTML"),
        (Step(N_("Paste this where the comments belong, on each page that takes them"), "", _TAG),),
    ),
    Recipe(
        "hugo",
        "Hugo",
        (
            Step(
                N_("Make the file"),
                "layouts/partials/comments.html",
                """\
<script SOURCE data-url="{{ .Permalink }}" async></script>
<noscript><a href="HOST/thread?url={{ .Permalink | urlquery }}">Comments</a></noscript>
""",
            ),
            Step(
                N_("Put this behind the article, in a copy of your theme's"),
                "layouts/page.html",
                '{{ partial "comments.html" . }}',
            ),
        ),
        N_(
            "baseURL in Hugo's configuration has to be your blog's address. A theme without page.html "
            "has layouts/single.html instead, an older one layouts/_default/single.html."
        ),
    ),
    Recipe(
        "jekyll",
        "Jekyll",
        (
            Step(
                N_("Make the file"),
                "_includes/afterword.html",
                """\
<script SOURCE data-url="{{ page.url | absolute_url }}" async></script>
<noscript><a href="HOST/thread?url={{ page.url | absolute_url | cgi_escape }}">Comments</a></noscript>
""",
            ),
            Step(
                N_("Put this behind the content, in a copy of your theme's"),
                "_layouts/post.html",
                "{% include afterword.html %}",
            ),
        ),
        N_("url in _config.yml has to be your blog's address."),
    ),
    Recipe(
        "wordpress",
        "WordPress",
        (
            Step(
                N_("Make the file"),
                "wp-content/plugins/afterword.php",
                """\
<?php
/* Plugin Name: Afterword */
add_filter( 'the_content', function ( $content ) {
	if ( ! is_singular( 'post' ) || ! in_the_loop() || ! is_main_query() || post_password_required() ) {
		return $content;
	}
	$url = get_permalink();
	return $content
		. '<script SOURCE data-url="' . esc_url( $url ) . '" async></script>'
		. '<noscript><a href="HOST/thread?url=' . rawurlencode( $url ) . '">Comments</a></noscript>';
}, 20 );
""",
            ),
        ),
        N_(
            "Then switch it on under Plugins, and WordPress' own comments off under Settings, "
            "Discussion. It works with every theme and outlives its updates."
        ),
    ),
    Recipe(
        "ghost",
        "Ghost",
        (
            Step(
                N_(
                    "Put this in the place of {{comments}} and of the {{#if comments}} … {{/if}} "
                    "around it, inside {{#post}}, in your theme's"
                ),
                "post.hbs",
                """\
<script SOURCE data-url="{{url absolute="true"}}" async></script>
<noscript><a href="HOST/thread?url={{url absolute="true"}}">Comments</a></noscript>
""",
            ),
        ),
        N_(
            "Download the theme under Settings, Design, change the file, and upload the theme again."
        ),
    ),
    Recipe(
        "blogger",
        "Blogger",
        (
            Step(
                N_("Under Theme, Edit HTML, put this behind the post's"),
                "<data:post.body/>",
                """\
<b:if cond='data:view.isSingleItem'>
<script SOURCE expr:data-url='data:post.url' async='async'></script>
<noscript><a expr:href='"HOST/thread?url=" + data:post.url'>Comments</a></noscript>
</b:if>
""",
            ),
        ),
        N_("Then hide Blogger's own comments under Settings, Comment location."),
    ),
    Recipe(
        "eleventy",
        "Eleventy",
        (
            Step(
                N_("Put this behind the content, in the layout of your posts, such as"),
                "_includes/post.njk",
                """\
<script SOURCE data-url="ORIGIN{{ page.url | url }}" async></script>
<noscript><a href="HOST/thread?url=ORIGIN{{ page.url | url | urlencode }}">Comments</a></noscript>
""",
            ),
        ),
        N_("This is Nunjucks. It is the same in Liquid, with url_encode for urlencode."),
    ),
    Recipe(
        "astro",
        "Astro",
        (
            Step(
                N_("Make the file"),
                "src/components/Comments.astro",
                """\
---
const here = new URL(Astro.url.pathname, Astro.site).href
---
<afterword-thread data-url={here}>
  <a href={`HOST/thread?url=${encodeURIComponent(here)}`}>Comments</a>
</afterword-thread>
<script is:inline SOURCE async></script>
""",
            ),
            Step(
                N_("Import it in the layout of your posts and put it behind the content"),
                "src/layouts/Post.astro",
                "<Comments />",
            ),
        ),
        N_(
            "site in astro.config.mjs has to be your blog's address. It goes on working where Astro "
            "changes pages without loading them."
        ),
    ),
    Recipe(
        "zola",
        "Zola",
        (
            Step(
                N_("Make the file"),
                "templates/comments.html",
                """\
<script SOURCE data-url="{{ page.permalink }}" async></script>
<noscript><a href="HOST/thread?url={{ page.permalink | urlencode }}">Comments</a></noscript>
""",
            ),
            Step(
                N_("Put this behind the content, in a copy of your theme's"),
                "templates/page.html",
                '{% include "comments.html" %}',
            ),
        ),
        N_("base_url in config.toml has to be your blog's address."),
    ),
    Recipe(
        "docusaurus",
        "Docusaurus",
        (
            Step(
                N_("Make the file"),
                "src/components/Comments.js",
                """\
import React from 'react'
import Head from '@docusaurus/Head'
import { useLocation } from '@docusaurus/router'
import useDocusaurusContext from '@docusaurus/useDocusaurusContext'

export default function Comments() {
  const here = useDocusaurusContext().siteConfig.url + useLocation().pathname
  const link = `<a href="HOST/thread?url=${encodeURIComponent(here)}">Comments</a>`
  return (
    <>
      <Head>
        <script SOURCE data-target="none" async></script>
      </Head>
      <afterword-thread key={here} data-url={here} dangerouslySetInnerHTML={{ __html: link }} />
    </>
  )
}
""",
            ),
            Step(
                N_("For comments on documents, make the file"),
                "src/theme/DocItem/Footer/index.js",
                """\
import React from 'react'
import Footer from '@theme-original/DocItem/Footer'
import Comments from '@site/src/components/Comments'

export default function WithComments(props) {
  return <><Footer {...props} /><Comments /></>
}
""",
            ),
            Step(
                N_("For comments on posts of the blog, make the file"),
                "src/theme/BlogPostItem/index.js",
                """\
import React from 'react'
import { useBlogPost } from '@docusaurus/plugin-content-blog/client'
import BlogPostItem from '@theme-original/BlogPostItem'
import Comments from '@site/src/components/Comments'

export default function WithComments(props) {
  const { isBlogPostPage } = useBlogPost()
  return <><BlogPostItem {...props} />{isBlogPostPage && <Comments />}</>
}
""",
            ),
        ),
        N_("url in docusaurus.config.js has to be your site's address."),
    ),
    Recipe(
        "vitepress",
        "VitePress",
        (
            Step(
                N_("Make the file"),
                ".vitepress/theme/Comments.vue",
                """\
<script setup>
import { computed, h } from 'vue'
import { useData } from 'vitepress'

const { page, site } = useData()
const here = computed(() => {
  const path = page.value.relativePath.replace(/(^|\\/)index\\.md$/, '$1')
  return 'ORIGIN' + site.value.base + path.replace(/\\.md$/, site.value.cleanUrls ? '' : '.html')
})
const thread = computed(() => `<afterword-thread data-url="${here.value}">
  <a href="HOST/thread?url=${encodeURIComponent(here.value)}">Comments</a>
</afterword-thread>`)
// Not v-html, which would put the link in the place of what was baked.
const Thread = () => h('div', { key: here.value, innerHTML: thread.value })
</script>

<template>
  <Thread />
  <component :is="'script'" SOURCE async />
</template>
""",
            ),
            Step(
                N_("Make the file, or add to it what is not in it yet"),
                ".vitepress/theme/index.js",
                """\
import { h } from 'vue'
import DefaultTheme from 'vitepress/theme'
import Comments from './Comments.vue'

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-after': () => h(Comments) }),
}
""",
            ),
        ),
    ),
    Recipe(
        "nextjs",
        "Next.js",
        (
            Step(
                N_("Make the file"),
                "components/Comments.js",
                """\
'use client'
import { usePathname } from 'next/navigation'

export default function Comments() {
  const here = 'ORIGIN' + usePathname()
  const link = `<a href="HOST/thread?url=${encodeURIComponent(here)}">Comments</a>`
  return (
    <>
      <script SOURCE data-target="none" async></script>
      <afterword-thread key={here} data-url={here} dangerouslySetInnerHTML={{ __html: link }} />
    </>
  )
}
""",
            ),
            Step(
                N_("Import it in the layout of your posts and put it behind the content"),
                "app/posts/[slug]/page.js",
                """\
import Comments from '@/components/Comments'

<Comments />
""",
            ),
        ),
        N_(
            "With a basePath in next.config.js, put that behind your blog's address: usePathname "
            "leaves it out."
        ),
    ),
    Recipe(
        "nuxt",
        "Nuxt",
        (
            Step(
                N_("Make the file"),
                "app/components/Comments.vue",
                """\
<script setup>
const route = useRoute()
const base = 'ORIGIN' + useRuntimeConfig().app.baseURL.replace(/\\/$/, '')
const here = computed(() => base + route.path)
const thread = computed(() => `<afterword-thread data-url="${here.value}">
  <a href="HOST/thread?url=${encodeURIComponent(here.value)}">Comments</a>
</afterword-thread>`)
// Not v-html, which would put the link in the place of what was baked.
const Thread = () => h('div', { key: here.value, innerHTML: thread.value })
</script>

<template>
  <Thread />
  <component :is="'script'" SOURCE data-target="none" async />
</template>
""",
            ),
            Step(
                N_("Put this behind the content, in the layout of your posts, such as"),
                "app/pages/posts/[slug].vue",
                "<Comments />\n",
            ),
        ),
    ),
    Recipe(
        "sveltekit",
        "SvelteKit",
        (
            Step(
                N_("Make the file"),
                "src/lib/Comments.svelte",
                """\
<script>
  import { page } from '$app/state'

  const here = $derived('ORIGIN' + page.url.pathname)
  // As one piece of HTML: what was baked into it stays.
  const thread = $derived(`<afterword-thread data-url="${here}">
  <a href="HOST/thread?url=${encodeURIComponent(here)}">Comments</a>
</afterword-thread>`)
</script>

<svelte:head>
  <script SOURCE data-target="none" async></script>
</svelte:head>

<div>{@html thread}</div>
""",
            ),
            Step(
                N_("Import it in the layout of your posts and put it behind the content"),
                "src/routes/posts/[slug]/+page.svelte",
                """\
<script>
  import Comments from '$lib/Comments.svelte'
</script>

<Comments />
""",
            ),
        ),
    ),
    Recipe(
        "mkdocs",
        "MkDocs",
        (
            Step(
                N_("Make the file"),
                "overrides/main.html",
                """\
{% extends "base.html" %}

{% block content %}
{{ super() }}
"""
                + _MKDOCS
                + "{% endblock %}\n",
            ),
        ),
        _OF_MKDOCS,
    ),
    Recipe(
        "material",
        "Material for MkDocs",
        (
            Step(N_("Make the file"), "overrides/partials/comments.html", _MKDOCS),
            Step(
                N_("If you have its privacy plugin, let it leave the script where it is, in"),
                "mkdocs.yml",
                """\
plugins:
  - privacy:
      assets_exclude:
        - DOMAIN/*
""",
            ),
        ),
        _OF_MKDOCS,
    ),
    Recipe(
        "sphinx",
        "Sphinx",
        (
            Step(
                N_("Make the file"),
                "_templates/page.html",
                """\
{% extends "!page.html" %}

{% block body %}
{{ super() }}
{% if hasdoc(pagename) %}
<script SOURCE{% if pageurl %} data-url="{{ pageurl|e }}"{% endif %} async></script>
<noscript><a href="HOST/thread{% if pageurl %}?url={{ pageurl|urlencode }}{% endif %}" \
referrerpolicy="no-referrer-when-downgrade">Comments</a></noscript>
{% endif %}
{% endblock %}
""",
            ),
        ),
        N_(
            "In conf.py, templates_path has to name _templates, and html_baseurl should be the address "
            "of your pages. With Furo the block is content, not body."
        ),
    ),
    Recipe(
        "pelican",
        "Pelican",
        (
            Step(
                N_("Put this behind the article's content, in your theme's"),
                "templates/article.html",
                """\
<script SOURCE data-url="{{ SITEURL }}/{{ article.url }}" async></script>
<noscript><a href="HOST/thread?url={{ (SITEURL ~ '/' ~ article.url)|urlencode }}">Comments</a></noscript>
""",
            ),
        ),
        N_("SITEURL in publishconf.py has to be your blog's address."),
    ),
)
