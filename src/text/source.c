/* source: what room text keeps on the context: source texts, where each term was typed, names that the caller
 * announced, and sizes that were taken to agree. */
#include "text/text_impl.h"

#include <stdio.h>

static void state_free(gradus_ctx *ctx, void *p)
{
    text_state *s = p;
    arena_clear(&s->texts);
    arena_clear(&s->names);
    arena_clear(&s->mem);
    vec_clear(ctx, &s->sources);
    vec_clear(ctx, &s->known);
    vec_clear(ctx, &s->sizes);
    vec_clear(ctx, &s->refused);
    ctx_realloc(ctx, s->places, s->place_cap * sizeof *s->places, 0);
    ctx_realloc(ctx, s, sizeof *s, 0);
}

/* ---- term -> place --------------------------------------------------------------------------- */

static term_place *place_find(text_state *s, term t)
{
    size_t k = hash_mix(0, t) & (s->place_cap - 1);
    while (s->places[k].key && s->places[k].key != t) k = (k + 1) & (s->place_cap - 1);
    return &s->places[k];
}

static bool place_stays(const term_place *p, term below, size_t sources)
{
    return p->key && p->key < below && p->ancestor < below && p->where.source <= sources;
}

/* A new table of the places of terms and sources below the limits, with room for `more`. Without memory places
 * are forgotten, never wrong. */
static bool place_resize(gradus_ctx *ctx, text_state *s, size_t more, term below, size_t sources)
{
    term_place *old = s->places;
    size_t old_cap = s->place_cap, left = 0, cap = 256;
    for (size_t i = 0; i < old_cap; i++) left += place_stays(&old[i], below, sources);
    if (left == s->place_used && !more) return true;
    while (cap < 2 * (left + more)) cap *= 2;
    term_place *fresh = ctx_realloc(ctx, NULL, 0, cap * sizeof *fresh);
    if (!fresh) {
        if (old) memset(old, 0, old_cap * sizeof *old);
        s->place_used = 0;
        return false;
    }
    memset(fresh, 0, cap * sizeof *fresh);
    s->places = fresh;
    s->place_cap = cap;
    s->place_used = left;
    for (size_t i = 0; i < old_cap; i++)
        if (place_stays(&old[i], below, sources)) *place_find(s, old[i].key) = old[i];
    ctx_realloc(ctx, old, old_cap * sizeof *old, 0);
    return true;
}

/* The place of t, made if new; NULL on NOMEM. */
static term_place *place_make(gradus_ctx *ctx, text_state *s, term t)
{
    if ((s->place_used + 1) * 2 > s->place_cap &&
        !place_resize(ctx, s, s->place_used + 1, UINT32_MAX, SIZE_MAX))
        return NULL;
    term_place *p = place_find(s, t);
    if (!p->key) {
        p->key = t;
        s->place_used++;
    }
    return p;
}

void text_note_span(gradus_ctx *ctx, term t, span where)
{
    text_state *s = text_state_get(ctx);
    term_place *p = s && t ? place_make(ctx, s, t) : NULL;
    if (p && !p->where.source) p->where = where;
}

void text_set_origin(gradus_ctx *ctx, term derived, term ancestor)
{
    text_state *s = text_state_get(ctx);
    if (!s || !derived || !ancestor || derived == ancestor) return;
    term_place *p = place_make(ctx, s, derived);
    if (p && !p->ancestor) p->ancestor = ancestor;
}

span text_span(gradus_ctx *ctx, term t)
{
    text_state *s = text_state_get(ctx);
    /* An ancestor may have been set in a circle by two rewrites of each other: the chain is followed a
     * bounded way. */
    for (int hops = 0; s && s->place_cap && t && hops < 64; hops++) {
        const term_place *p = place_find(s, t);
        if (p->where.source) return p->where;
        t = p->ancestor;
    }
    return SPAN_NONE;
}

/* ---- the state ------------------------------------------------------------------------------- */

/* Handles from `count` on are gone: what is known about them is forgotten. Their sources go only before the next
 * reading, so that messages about them can still be shown. */
static void after_rewind(gradus_ctx *ctx, void *user, uint32_t count)
{
    text_state *s = user;
    place_resize(ctx, s, 0, count, SIZE_MAX);
    size_t kept = 0, sources = s->sources.n;
    while (sources > 0 && s->sources.at[sources - 1].stamp >= count) sources--;
    if (sources < s->sources_kept) s->sources_kept = sources;
    for (size_t i = 0; i < s->sizes.n; i++) {
        const same_size *z = &s->sizes.at[i];
        if (z->stamp < count && z->a < count && z->b < count) s->sizes.at[kept++] = *z;
    }
    s->sizes.n = kept;
    while (s->refused.n > 0 && s->refused.at[s->refused.n - 1].stamp > count) s->refused.n--;
}

static void drop_sources(gradus_ctx *ctx, text_state *s)
{
    if (s->sources_kept < s->sources.n) {
        place_resize(ctx, s, 0, UINT32_MAX, s->sources_kept);
        arena_rewind(&s->texts, s->sources.at[s->sources_kept].before);
        s->sources.n = s->sources_kept;
    }
    s->sources_kept = SIZE_MAX;
}

text_state *text_state_get(gradus_ctx *ctx)
{
    if (ctx->room_state[SLOT_TEXT]) return ctx->room_state[SLOT_TEXT];
    text_state *s = ctx_realloc(ctx, NULL, 0, sizeof *s);
    if (!s) return NULL;
    memset(s, 0, sizeof *s);
    arena_init(&s->texts, ctx);
    arena_init(&s->names, ctx);
    arena_init(&s->mem, ctx);
    s->sources_kept = SIZE_MAX;
    ctx->room_state[SLOT_TEXT] = s;
    ctx->room_free[SLOT_TEXT] = state_free;
    if (!term_room_init(ctx) || !term_on_rewind(ctx, after_rewind, s)) return NULL;
    return s;
}

const char *text_source(gradus_ctx *ctx, uint32_t id, size_t *n)
{
    text_state *s = text_state_get(ctx);
    bool there = s && id > 0 && id <= s->sources.n;
    if (n) *n = there ? s->sources.at[id - 1].n : 0;
    return there ? s->sources.at[id - 1].s : "";
}

/* ---- names announced by the caller ----------------------------------------------------------- */

bool text_know_name(gradus_ctx *ctx, const char *name, size_t n)
{
    text_state *s = text_state_get(ctx);
    const char *copy = s ? arena_strndup(&s->names, name, n) : NULL;
    return copy && vec_push(ctx, &s->known, copy);
}

void text_forget_names(gradus_ctx *ctx)
{
    text_state *s = text_state_get(ctx);
    if (!s) return;
    s->known.n = 0;
    arena_clear(&s->names);
    arena_init(&s->names, ctx);
}

void text_reset(gradus_ctx *ctx)
{
    text_state *s = text_state_get(ctx);
    if (!s) return;
    text_forget_names(ctx);
    s->sizes.n = s->refused.n = 0;
    arena_clear(&s->mem);
    arena_init(&s->mem, ctx);
}

bool text_is_known(gradus_ctx *ctx, const char *name, size_t n)
{
    text_state *s = text_state_get(ctx);
    if (s && s->own) return false;
    for (size_t i = 0; s && i < s->known.n; i++)
        if (strlen(s->known.at[i]) == n && memcmp(s->known.at[i], name, n) == 0) return true;
    term t = term_find_sym(ctx, name, n);
    if (!t) return false;
    const sym_info *info = term_sym_info(ctx, t);
    return info->role == ROLE_DATA || info->role == ROLE_DEFINED || info->role == ROLE_FUNCTION ||
           info->rank > 0;
}

/* ---- sizes that must agree ------------------------------------------------------------------- */

/* The number that a size stands for, if it is known by now. */
static bool size_value(gradus_ctx *ctx, term t, long *out)
{
    if (term_is(ctx, t, OP_EXTENT)) {
        long axis;
        if (!term_get_long(ctx, term_arg(ctx, t, 1), &axis) || !term_is(ctx, term_arg(ctx, t, 0), OP_SYM))
            return false;
        const sym_info *info = term_sym_info(ctx, term_arg(ctx, t, 0));
        if (axis < 1 || axis > (long)info->rank || info->dims[axis - 1] < 0) return false;
        *out = (long)info->dims[axis - 1];
        return true;
    }
    return term_get_long(ctx, t, out);
}

/* Is a the better name of a size known as b too? */
static bool is_better_size(const gradus_ctx *ctx, term a, term b)
{
    bool a_extent = term_is(ctx, a, OP_EXTENT), b_extent = term_is(ctx, b, OP_EXTENT);
    return a_extent == b_extent ? a < b : b_extent;
}

term text_same_size(gradus_ctx *ctx, term size)
{
    text_state *s = text_state_get(ctx);
    bool moved = s && size && term_is(ctx, size, OP_EXTENT);
    while (moved) {
        moved = false;
        for (size_t i = 0; i < s->sizes.n; i++) {
            term a = s->sizes.at[i].a, b = s->sizes.at[i].b, other = a == size ? b : b == size ? a : size;
            if (other != size && is_better_size(ctx, other, size)) {
                size = other;
                moved = true;
            }
        }
    }
    return size;
}

bool text_assume_same(gradus_ctx *ctx, term a, const char *a_what, term b, const char *b_what,
                      const char *index)
{
    text_state *s = text_state_get(ctx);
    same_size z = {.a = a, .b = b, .stamp = s->sources.n ? s->sources.at[s->sources.n - 1].stamp : 0};
    z.a_what = arena_strndup(&s->texts, a_what, strlen(a_what));
    z.b_what = arena_strndup(&s->texts, b_what, strlen(b_what));
    z.index = arena_strndup(&s->texts, index, strlen(index));
    return z.a_what && z.b_what && z.index && vec_push(ctx, &s->sizes, z);
}

gradus_status text_check_sizes(gradus_ctx *ctx)
{
    text_state *s = text_state_get(ctx);
    for (size_t i = 0; s && i < s->sizes.n; i++) {
        const same_size *z = &s->sizes.at[i];
        long a, b;
        if (size_value(ctx, z->a, &a) && size_value(ctx, z->b, &b) && a != b)
            return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "sizes must agree",
                              "%s%s%s (size %ld) and %s (size %ld) disagree", z->index,
                              *z->index ? " indexes " : "", z->a_what, a, z->b_what, b);
    }
    return ctx_status(ctx);
}

/* ---- a reading ------------------------------------------------------------------------------- */

static const char *const keyword_text[KW_COUNT] = {
    [KW_AND] = "and",
    [KW_OR] = "or",
    [KW_NOT] = "not",
    [KW_IF] = "if",
    [KW_OTHERWISE] = "otherwise",
    [KW_FOR] = "for",
    [KW_UNTIL] = "until",
    [KW_SUM] = "sum",
    [KW_PROD] = "prod",
    [KW_MAX] = "max",
    [KW_MIN] = "min",
    [KW_MEAN] = "mean",
    [KW_ARGMAX] = "argmax",
    [KW_ARGMIN] = "argmin",
    [KW_LOGSUMEXP] = "logsumexp",
    [KW_ARRAY] = "array",
    [KW_LIM] = "lim",
    [KW_GRAD] = "grad",
    [KW_JAC] = "jac",
    [KW_HESS] = "hess",
    [KW_D] = "D",
    [KW_T] = "T",
    [KW_E] = "e",
    [KW_PI] = "pi",
    [KW_INF] = "inf",
    [KW_SQRT] = "sqrt",
    [KW_TRUE] = "true",
    [KW_FALSE] = "false",
    [KW_UNDEFINED] = "undefined",
};

bool reader_init(reader *r, gradus_ctx *ctx, const char *s, size_t n, text_door door)
{
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->door = door;
    arena_init(&r->mem, ctx);
    r->state = text_state_get(ctx);
    if (!r->state) return false;
    if (n > UINT32_MAX / 4) {
        diag_error(ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "the text is longer than a gigabyte");
        return false;
    }
    drop_sources(ctx, r->state);
    source_text source = {.n = n, .stamp = term_count(ctx), .before = arena_get_mark(&r->state->texts)};
    const char *copy = source.s = arena_strndup(&r->state->texts, s ? s : "", s ? n : 0);
    if (!copy || !vec_push(ctx, &r->state->sources, source)) return false;
    r->source = (uint32_t)r->state->sources.n;
    r->s = copy;
    r->n = n;
    tree_node none = {0};
    if (!vec_push(ctx, &r->nodes, none)) return false;
    reader_name(r, "", 0); /* number 0: no name */
    if (r->names.n != 1) return false;
    for (int k = 1; k < KW_COUNT; k++)
        if (reader_name(r, keyword_text[k], strlen(keyword_text[k])) != (uint32_t)k) return false;
    return true;
}

void reader_clear(reader *r)
{
    arena_clear(&r->mem);
    vec_clear(r->ctx, &r->tokens);
    vec_clear(r->ctx, &r->names);
    vec_clear(r->ctx, &r->nodes);
    ctx_realloc(r->ctx, r->name_slot, r->name_cap * sizeof *r->name_slot, 0);
}

static bool name_grow(reader *r)
{
    size_t cap = r->name_cap ? r->name_cap * 2 : 128;
    uint32_t *slot = ctx_realloc(r->ctx, NULL, 0, cap * sizeof *slot);
    if (!slot) return false;
    memset(slot, 0, cap * sizeof *slot);
    for (uint32_t i = 1; i < r->names.n; i++) {
        size_t k = hash_bytes(r->names.at[i].text, r->names.at[i].length) & (cap - 1);
        while (slot[k]) k = (k + 1) & (cap - 1);
        slot[k] = i;
    }
    ctx_realloc(r->ctx, r->name_slot, r->name_cap * sizeof *r->name_slot, 0);
    r->name_slot = slot;
    r->name_cap = cap;
    return true;
}

uint32_t reader_name(reader *r, const char *text, size_t n)
{
    if ((r->names.n + 1) * 2 > r->name_cap && !name_grow(r)) return 0;
    size_t k = hash_bytes(text, n) & (r->name_cap - 1);
    for (; r->name_slot[k]; k = (k + 1) & (r->name_cap - 1)) {
        const name_entry *e = &r->names.at[r->name_slot[k]];
        if (e->length == n && memcmp(e->text, text, n) == 0) return r->name_slot[k];
    }
    name_entry e = {.text = arena_strndup(&r->mem, text, n), .length = (uint32_t)n};
    uint32_t id = (uint32_t)r->names.n;
    if (!e.text || !vec_push(r->ctx, &r->names, e)) return 0;
    if (id > 0) r->name_slot[k] = id;
    return id;
}

bool reader_token(reader *r, token t)
{
    return vec_push(r->ctx, &r->tokens, t) ? true : !(r->failed = true);
}

/* ---- messages -------------------------------------------------------------------------------- */

static const char *format(arena *a, const char *fmt, va_list ap)
{
    char buf[2000];
    vsnprintf(buf, sizeof buf, fmt, ap);
    const char *s = arena_strndup(a, buf, strlen(buf));
    return s ? s : "";
}

bool reader_error_as(reader *r, gradus_status code, uint32_t first, uint32_t past, const char *hint,
                     const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = format(&r->mem, fmt, ap);
    va_end(ap);
    r->failed = true;
    diag_error(r->ctx, code, reader_span(r, first, past), hint, "%s", text);
    return false;
}

bool reader_error(reader *r, uint32_t first, uint32_t past, const char *hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = format(&r->mem, fmt, ap);
    va_end(ap);
    return reader_error_as(r, GRADUS_SYNTAX, first, past, hint, "%s", text);
}

void reader_note(reader *r, uint32_t first, uint32_t past, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    diag_add(r->ctx, DIAG_NOTE, GRADUS_OK, reader_span(r, first, past), NULL, "%s", format(&r->mem, fmt, ap));
    va_end(ap);
}

const char *reader_text(reader *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *s = format(&r->mem, fmt, ap);
    va_end(ap);
    return s;
}

enum { QUOTE_LONGEST = 60 };

const char *reader_quote(reader *r, uint32_t first, uint32_t past)
{
    if (past > r->n) past = (uint32_t)r->n;
    while (first < past && (r->s[first] == ' ' || r->s[first] == '\n')) first++;
    while (first < past && (r->s[past - 1] == ' ' || r->s[past - 1] == '\n')) past--;
    size_t n = past > first ? past - first : 0;
    if (n <= QUOTE_LONGEST) return reader_text(r, "%.*s", (int)n, r->s + first);
    n = QUOTE_LONGEST - 3;
    while (n > 0 && ((unsigned char)r->s[first + n] & 0xC0) == 0x80) n--;
    return reader_text(r, "%.*s...", (int)n, r->s + first);
}
