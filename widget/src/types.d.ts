/** What the API answers (see the API's own description) and what our modules hand one another. */

export interface Author {
  name: string | null
  website: string | null
  avatar?: string | null
  is_moderator: boolean
  is_verified: boolean
}

export interface Comment {
  id: string
  parent: string | null
  author: Author | null
  html: string
  created: string
  edited: string | null
  state: 'visible' | 'pending' | 'removed'
  is_pinned: boolean
  lang: string | null
  quote: string | null
  /** The page elsewhere that it was said on. */
  source?: string | null
  /** Where the quoted words stand on the page. */
  selector?: {exact: string; prefix: string; suffix: string} | null
  score: number
  up: number
  reactions: Record<string, number>
  /** Only in answers to its author. */
  text?: string
  revision?: string
  can_edit?: boolean
  edit_until?: string | null
  replies?: Comment[]
  replies_next?: string | null
}

/** A comment in the store: flat, with the root that it hangs below when its parent is not here. */
export interface Kept extends Omit<Comment, 'replies'> {
  root?: string
  /** This reader's vote (`vote`: 1, -1) and reactions (by name: 1). */
  mine?: Record<string, number>
  /** What ends the time in which its author, who has just removed it, can bring it back; nothing when it is over. */
  undo?: number | false | void
  /** Why the last thing that was done to it failed. */
  wrong?: string
}

/** The forms there are: the thread's own, and what opens at a comment. */
export type Form = 'comment' | 'reply' | 'edit' | 'menu'

/** All that the looks of a comment depend on. */
export interface Look {
  comment: Kept
  /** Whom it answers, when it does not stand below that comment. */
  answered: string | null | false | undefined
  /** Whether the page takes replies. */
  isOpen: boolean
  site: Pick<Site, 'votes' | 'reactions'>
  canEdit: boolean
  /** How many replies hang below it. */
  below: number
  /** Whether they are out of sight. */
  isFolded: boolean | undefined
  /** Whether it came since the reader was here last. */
  isNew: boolean
  /** The form that is open at it. */
  form: Form | undefined
  /** Whether its menu is. */
  menu: boolean
}

/** What can be done to a comment. */
export interface Acts {
  fold: () => void
  open: (form: Form) => void
  press: (sign: string, value: number) => void
  /** What its author can do to it; nothing for others. */
  controls: () => import('./dom.js').Part[]
}

/** A comment in its place. `away` says that it does not stand below the comment it answers. */
export interface Node {
  comment: Kept
  replies: Node[]
  above?: Node
  depth: number
  away?: boolean
  /** How many replies hang below it, at any depth. */
  below: number
}

export interface Site {
  require_name: boolean
  require_email?: boolean
  require_website?: boolean
  max_length: number
  /** Up and down, only up, or none. */
  votes: 'on' | 'up' | 'off'
  /** Those that it offers, by name, and how they look. */
  reactions: Record<string, string>
  /** Whether answers can be mailed. */
  can_mail?: boolean
  passages?: boolean
  /** What the owner chose of the look, and the sentences that are said otherwise. */
  look?: Record<string, string>
  /** Where one can sign in: the ways, by the service's names and as readers know them. */
  sign_in?: {ways: {name: string; label: string}[]; is_required: boolean}
  texts?: Record<string, string | Record<string, string>>
}

/** What was said elsewhere: what only points to the page, or answers its post on the fediverse. */
export interface Mention {
  id: string
  kind: 'like' | 'repost' | 'bookmark' | 'mention' | 'fediverse'
  source: string
  name: string
  avatar: string | null
  html: string
  /** Of a reply on the fediverse, where its server says it. */
  lang?: string | null
}

export interface Thread {
  page: {is_open: boolean; closes?: string | null; count: number; version: number}
  site: Site
  comments: Comment[]
  next: string | null
  mentions: Mention[]
  /** The page's post on the fediverse, and the replies to it. */
  fediverse?: {post: string; count: number; replies: Mention[]}
}

/** Who writes, as typed. */
export interface Writer {
  name: string
  email: string
  website: string
}

export interface Draft {
  text: string
  author: Writer
  id: string
  trap: string
  /** Whether answers are to be mailed. */
  notify: boolean
  /** The words of the page that it is about. */
  quote?: object
  /** Of the text that a new one was made from. */
  revision?: string
}

/** What the page's author chose; what is not said is undefined. */
export interface Options {
  url: string
  page?: string
  /** Of the page, where it is not that of the document. */
  title?: string
  theme?: string
  density?: string
  sort?: string
  eager?: string
  lang?: string
  /** `off` for no events while somebody reads. */
  live?: string
  /** Given: j and k go from comment to comment. */
  keys?: string
  /** The word of the blog itself about who reads. */
  sso?: string
}

/** What the element hands the thread. */
export interface Given {
  /** The element, which may hold a baked thread. */
  host: HTMLElement
  /** Aborted when the thread has left the page. */
  signal: AbortSignal
  /** Tells the page, by an event on the element. */
  emit: (name: string, detail: object) => unknown
  /** Adds a part's style sheet to the thread's. */
  adopt: (css: string) => void
  /** Makes the thread anew, in other words. */
  restart: () => void
}

/** What parts are handed of the script, so that they need not bring it. */
export interface Kit {
  h: typeof import('./dom.js').h
  button: typeof import('./dom.js').button
  drawing: typeof import('./dom.js').drawing
  field: typeof import('./field.js').field
  shell: typeof import('./field.js').shell
  t: typeof import('./messages.js').t
  trustedHtml: typeof import('./html.js').trustedHtml
  explain: typeof import('./explain.js').explain
  secret: typeof import('./reader.js').secret
  randomKey: typeof import('./remember.js').randomKey
  recall: typeof import('./remember.js').recall
  remember: typeof import('./remember.js').remember
  part: typeof import('./part.js').part
  adopt: Given['adopt']
}

/** Whom a browser is signed in as. */
export interface Account {
  /** Empty until they say one. */
  name: string
  website: string | null
  avatar: string | null
  has_email: boolean
}

/** A form that is only a field so far. */
export type Shell = ReturnType<typeof import('./field.js').shell>

/** What a form is for: the comment that is answered or edited, and what closes the form. */
export interface About {
  kind: Form
  comment?: Kept
  name?: string
  /** What the form comes to stand in, below the comment, of which words may be selected. */
  row?: Element
  close?: (isQuiet?: boolean) => void
}

/** What a thread shows to the part that follows what happens. */
export interface Followed {
  root: HTMLElement
  comments: Map<string, Kept>
  /** Those that are new to the reader. */
  fresh: Set<string>
  amend: (id: string, changes: Partial<Comment & Kept>, isOthers: boolean) => void
  go: (id: string) => void
  /** Reads the thread anew. */
  show: () => Promise<void>
  /** What deals with the reader's own. */
  owned: () => Promise<any>
  get: (path: string, asked: object) => Promise<any>
  /** The version that is known. */
  version: () => number
  /** Takes over what is said of the page; answers all that is known of it. */
  counted: (page: Partial<Thread['page']>) => Thread['page']
  /** The page, where comments may be about its words. */
  passages: () => Thread['page'] | undefined
  /** Opens the form for a comment on words of the page. */
  quote: (selector: import('./parts/anchor.js').Selector) => void
  /** Draws all that is known. */
  paint: () => void
}

/** What a thread shows to the part that deals with the reader's own. */
export interface Owning {
  comments: Map<string, Kept>
  fresh: Set<string>
  amend: (id: string, changes: Partial<Comment & Kept>) => void
  take: typeof import('./store.js').take
  paint: () => void
  /** Tells this reader's other tabs. */
  tell: (changed: Partial<Kept>) => void
}

/** What a thread shows to the part that takes up what waits to be sent. */
export interface Answering {
  comments: Map<string, Kept>
  places: Map<string, {form?: unknown}>
  take: typeof import('./store.js').take
  open: (id: string, kind: Form, isQuiet: boolean) => void
  /** Opens the form at the top, by its draft. */
  write: () => void
  /** The form at the top; a whole one has a name. */
  upper: Shell
}

/** Why a request failed: a code that messages are keyed by, and what the server said. */
export interface Failure extends Error {
  code: string
  status?: number
  detail?: string
  fields: Record<string, string>
  seconds?: string | null
  /** What an earlier text, sent with the same key, has become. */
  comment?: string
}

/** What the parts of a thread share. */
export interface Context {
  /** Names this page in the browser's storage. */
  place: string
  site: Site
  /** Who wrote what was sent last: for the next form. */
  writer?: Writer
  options: Options
  service: ReturnType<typeof import('./api.js').api>
  /** Shows what was stored. */
  settle: (comment: Comment, isEdit: boolean, isBusy?: true) => void
  /** What is said in it, is heard. */
  status: HTMLElement
  /** Tells the page, by an event on the element. */
  emit: (name: string, detail: object) => unknown
}

/** `<afterword-thread>`. */
export interface ThreadElement extends HTMLElement {
  isStale: boolean
  reload: () => Promise<void>
}

/** The element that a kind such as `p.soft` makes. */
export type Made<K> = K extends `${infer T}.${string}`
  ? Made<T>
  : K extends keyof HTMLElementTagNameMap
    ? HTMLElementTagNameMap[K]
    : HTMLElement

declare global {
  /** The name of the build, in the addresses of its parts, and the languages there are. */
  const BUILD: string
  const LANGUAGES: string
  /** The English sentences of a part. */
  const WORDS: Record<string, string | Record<string, string>>
  interface HTMLElement {
    setHTML?(html: string, options: {sanitizer: object}): void
  }
  interface Window {
    Afterword: {
      mount: (target: Element, data?: Record<string, string>) => ThreadElement
      unmount: (target: Element) => void
      reload: () => void
    }
    trustedTypes?: {
      createPolicy(name: string, rules: {createHTML: (html: string) => string}): {
        createHTML(html: string): string
      }
    }
  }
}
