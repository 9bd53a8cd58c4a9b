/* Readings as text, for the tests of the reader: what was understood, or why not. */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "text/text.h"

#include <stdio.h>
#include <string.h>

typedef struct reading_row {
    const char *input,
        *expect; /* the reading printed; "!" and words of the message or mend, separated by "|" */
} reading_row;

/* The term printed, or "!message | hint". */
static inline const char *reading_shown(gradus_ctx *ctx, term t, char *out, size_t size)
{
    strbuf b;
    strbuf_init(&b, ctx);
    const diag *d = diag_first_error(ctx);
    if (t && !d) text_print(&b, ctx, t, FORM_TEXT);
    else
        strbuf_printf(&b, "!%s | %s", d ? d->message : status_name(ctx_status(ctx)),
                      d && d->hint ? d->hint : "");
    snprintf(out, size, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return out;
}

/* Is `shown` what the row expects? Of refusals every word must be there. */
static inline bool reading_fits(const char *shown, const char *expect)
{
    if (expect[0] != '!') return strcmp(shown, expect) == 0;
    char words[400];
    snprintf(words, sizeof words, "%s", expect + 1);
    if (shown[0] != '!') return false;
    for (char *w = strtok(words, "|"); w; w = strtok(NULL, "|"))
        if (!strstr(shown, w)) return false;
    return true;
}

/* The number of rows that are not read as expected; each is printed. */
static inline int reading_check(gradus_ctx *ctx, const reading_row *rows, size_t n, text_door door)
{
    int wrong = 0;
    char shown[4000];
    for (size_t i = 0; i < n; i++) {
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        term t = text_parse(ctx, rows[i].input, strlen(rows[i].input), door);
        if (!reading_fits(reading_shown(ctx, t, shown, sizeof shown), rows[i].expect)) {
            printf("%s\n    read as  %s\n    expected %s\n", rows[i].input, shown, rows[i].expect);
            wrong++;
        }
        term_rewind(ctx, m);
    }
    ctx_begin(ctx);
    return wrong;
}

#define READ(ctx, rows, door) assert_int_equal(reading_check(ctx, rows, sizeof rows / sizeof *rows, door), 0)

#endif
