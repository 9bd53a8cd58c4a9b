/* sheet: lines with their reasons in one column. A block is written when it is complete, because only then
 * the widest line is known. */
#include "explain/explain_impl.h"

enum { GAP = 3, INDENT = 2, ASIDE = 3, BELOW = 8, SHORT_REASON = 36 };

static size_t keep(sheet *s, const char *text)
{
    size_t at = s->chars.n;
    do
        if (!vec_push(s->ctx, &s->chars, *text)) return 0;
    while (*text++);
    return at;
}

void sheet_add(sheet *s, line_kind kind, char letter, const char *text, const char *reason)
{
    sheet_line l = {.kind = kind, .letter = letter, .depth = s->depth};
    l.text = keep(s, text);
    l.reason = keep(s, reason ? reason : "");
    (void)vec_push(s->ctx, &s->lines, l);
}

static const char *text_of(const sheet *s, size_t at)
{
    return at < s->chars.n ? s->chars.at + at : "";
}

static size_t columns(const char *text)
{
    return utf8_width(text, strlen(text));
}

/* ---- plain text ---------------------------------------------------------------------------------- */

static void pad(strbuf *b, size_t from, size_t to)
{
    for (; from < to; from++) strbuf_addc(b, ' ');
}

/* The line as printed: indented, with its sign or letter in front. */
static void put_front(strbuf *b, const sheet *s, const sheet_line *l)
{
    bool head = l->letter && l->kind == LINE_HEAD;
    pad(b, 0, INDENT + ASIDE * (size_t)(l->depth - (head && l->depth ? 1 : 0)));
    if (head) strbuf_printf(b, "%c  ", l->letter);
    if (l->kind == LINE_EQUAL) strbuf_add(b, "= ");
    strbuf_add(b, text_of(s, l->text));
}

/* Where reasons begin: behind the widest line that leaves room for them. */
static size_t reason_column(sheet *s, strbuf *scratch)
{
    size_t column = 0;
    for (size_t i = 0; i < s->lines.n; i++) {
        const sheet_line *l = &s->lines.at[i];
        const char *reason = text_of(s, l->reason);
        if (!*reason) continue;
        scratch->n = 0;
        put_front(scratch, s, l);
        size_t w = utf8_width(strbuf_str(scratch), scratch->n) + GAP;
        size_t want = columns(reason) < SHORT_REASON ? columns(reason) : SHORT_REASON;
        if (w > column && w + want <= s->width && w <= s->width * 2 / 3) column = w;
    }
    return column;
}

/* The first part of the reasons that fits into `room` columns: all of it, or up to a "; ". 0: none does. */
static size_t part_that_fits(const char *reason, size_t room)
{
    size_t fits = 0;
    if (columns(reason) <= room) return strlen(reason);
    for (const char *p = reason; (p = strstr(p, "; ")) != NULL; p += 2)
        if (utf8_width(reason, (size_t)(p - reason)) + 1 <= room) fits = (size_t)(p - reason);
    return fits;
}

static void new_line(sheet *s, size_t *have)
{
    if (*have) strbuf_addc(s->out, '\n');
    *have = 0;
}

/* Reasons beside the line; what has no room there goes below, at the same column or, if need be, further
 * left. */
static void put_reason(sheet *s, const char *reason, size_t have, size_t column)
{
    size_t at = have + GAP > column ? have + GAP : column, want = columns(reason);
    if (at > have + GAP && at + want > s->width && have + GAP + want <= s->width)
        at = s->width - want; /* no room at the column, but beside the line */
    while (*reason) {
        size_t n = at < s->width ? part_that_fits(reason, s->width - at) : 0;
        if (n == 0) {
            new_line(s, &have);
            at = column && column < s->width ? column : BELOW;
            n = part_that_fits(reason, s->width - at);
        }
        if (n == 0) {
            at = BELOW;
            n = part_that_fits(reason, s->width > at ? s->width - at : 0);
        }
        if (n == 0) n = strlen(reason);
        pad(s->out, have, at);
        strbuf_addn(s->out, reason, n);
        reason += n;
        if (*reason) {
            reason += 2;
            strbuf_addc(s->out, ';');
            have = 1;
            new_line(s, &have);
        }
    }
}

static void write_plain(sheet *s)
{
    strbuf line;
    strbuf_init(&line, s->ctx);
    size_t column = reason_column(s, &line);
    for (size_t i = 0; i < s->lines.n; i++) {
        const sheet_line *l = &s->lines.at[i];
        line.n = 0;
        put_front(&line, s, l);
        strbuf_add(s->out, strbuf_str(&line));
        put_reason(s, text_of(s, l->reason), utf8_width(strbuf_str(&line), line.n), column);
        strbuf_addc(s->out, '\n');
    }
    strbuf_clear(&line);
}

/* ---- LaTeX --------------------------------------------------------------------------------------- */

/* An align* per block; side calculations and statements are lines with a relation of their own. */
static void write_latex(sheet *s)
{
    strbuf_add(s->out, "\\begin{align*}\n");
    for (size_t i = 0; i < s->lines.n; i++) {
        const sheet_line *l = &s->lines.at[i];
        const char *text = text_of(s, l->text), *reason = text_of(s, l->reason);
        bool head = l->kind == LINE_HEAD,
             joined = i > 0 && s->lines.at[i - 1].kind == LINE_HEAD && l->kind == LINE_EQUAL;
        if (i > 0) strbuf_add(s->out, joined ? " " : " \\\\\n");
        if (!joined) strbuf_add(s->out, "  ");
        if (head && l->letter) strbuf_printf(s->out, "\\text{%c:}\\quad ", l->letter);
        if (l->kind == LINE_WORDS) strbuf_printf(s->out, "&\\text{%s}", text);
        else
            strbuf_printf(s->out, "%s%s",
                          l->kind == LINE_EQUAL ? "&= "
                          : l->kind == LINE_SAY ? "& "
                                                : "",
                          text);
        if (*reason) strbuf_printf(s->out, " && \\text{%s}", reason);
    }
    strbuf_add(s->out, "\n\\end{align*}\n");
}

void sheet_flush(sheet *s)
{
    if (s->lines.n) {
        if (s->form == FORM_LATEX) write_latex(s);
        else write_plain(s);
    }
    s->lines.n = s->chars.n = 0;
}

void sheet_clear(sheet *s)
{
    vec_clear(s->ctx, &s->lines);
    vec_clear(s->ctx, &s->chars);
}
