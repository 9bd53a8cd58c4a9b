/* diag_print: a diagnostic as a person reads it: message, the line, carets as wide as the place, the mend. */
#include "text/text_impl.h"

enum { WIDEST = 100, BEFORE = 40 }; /* columns of a line that are shown; of which before the place at most */

/* The byte that starts the last whole character at or before i. */
static size_t whole(const char *s, size_t i)
{
    while (i > 0 && ((unsigned char)s[i] & 0xC0) == 0x80) i--;
    return i;
}

/* From `from` on, the byte after at most `columns` columns, not past `end`. */
static size_t skip_columns(const char *s, size_t from, size_t end, size_t columns)
{
    size_t i = from;
    while (i < end) {
        uint32_t c;
        int len = utf8_decode(s + i, end - i, &c);
        size_t step = len > 0 ? (size_t)len : 1, width = utf8_width(s + i, step);
        if (width > columns) break;
        columns -= width;
        i += step;
    }
    return i;
}

/* Tabs and bytes that are no text show as blanks. */
static void add_clean(strbuf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        int len = utf8_decode(s + i, n - i, &c);
        if (len < 1 || c < 32 || c == 127) {
            strbuf_addc(out, len < 1 ? '?' : ' ');
            i++;
        } else {
            strbuf_addn(out, s + i, (size_t)len);
            i += (size_t)len;
        }
    }
}

static size_t clean_width(const char *s, size_t n)
{
    size_t w = 0;
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        int len = utf8_decode(s + i, n - i, &c);
        if (len < 1 || c < 32 || c == 127) {
            w++;
            i++;
        } else {
            w += utf8_width(s + i, (size_t)len);
            i += (size_t)len;
        }
    }
    return w;
}

static void print_place(strbuf *out, const char *s, size_t n, span where)
{
    size_t first = where.first < n ? where.first : n, past = where.past < n ? where.past : n;
    size_t line = first, end = first;
    while (line > 0 && s[line - 1] != '\n' && first - line < 4096) line--;
    while (end < n && s[end] != '\n' && end - first < 4096) end++;
    if (past > end) past = end;
    size_t from = line;
    bool cut_left = false, cut_right;
    while (clean_width(s + from, first - from) > BEFORE) {
        from = whole(s, from + 1 + (first - from - BEFORE) / 2);
        cut_left = true;
    }
    size_t to = skip_columns(s, from, end, WIDEST);
    cut_right = to < end;
    if (past > to) past = to;
    strbuf_add(out, cut_left ? "  ..." : "  ");
    add_clean(out, s + from, to - from);
    strbuf_add(out, cut_right ? "...\n  " : "\n  ");
    size_t pad = clean_width(s + from, first - from) + (cut_left ? 3 : 0),
           carets = past > first ? clean_width(s + first, past - first) : 1;
    for (size_t i = 0; i < pad; i++) strbuf_addc(out, ' ');
    for (size_t i = 0; i < (carets ? carets : 1); i++) strbuf_addc(out, '^');
    strbuf_addc(out, '\n');
}

void text_print_diag(strbuf *out, gradus_ctx *ctx, const diag *d)
{
    static const char *const words[] = {
        [DIAG_NOTE] = "note", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error"};
    strbuf_printf(out, "%s: ", words[d->severity]);
    strbuf_add(out, d->message);
    strbuf_addc(out, '\n');
    size_t n;
    const char *s = text_source(ctx, d->where.source, &n);
    if (d->where.source && n > 0) print_place(out, s, n, d->where);
    if (d->hint) {
        strbuf_add(out, "  hint: ");
        strbuf_add(out, d->hint);
        strbuf_addc(out, '\n');
    }
}
