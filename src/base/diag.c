/* Diagnostics: what the user is told, kept in the context until the next request. */
#include "base/base.h"

#include <stdio.h>

/* A message quotes the user's text, which may be megabytes long, and a broken file may fail on each line:
 * both are cut, so that an error never costs more than the input. */
enum { DIAG_LONGEST = 4000, DIAG_MOST = 1000 };

static const struct {
    const char *name;
    int exit_code;
    const char *sentence;
} facts[] = {
#define ERROR(id, name, exit_code, sentence) [GRADUS_##id] = {name, exit_code, sentence},
#include "base/error.def"
#undef ERROR
};
_Static_assert(sizeof facts / sizeof facts[0] == GRADUS_BUG + 1, "error.def has a row for each status");

static size_t fact_row(gradus_status s)
{
    return (unsigned)s <= GRADUS_BUG ? (size_t)s : (size_t)GRADUS_BUG;
}

const char *status_name(gradus_status s)
{
    return facts[fact_row(s)].name;
}

int status_exit_code(gradus_status s)
{
    return facts[fact_row(s)].exit_code;
}

const char *status_sentence(gradus_status s)
{
    return facts[fact_row(s)].sentence;
}

/* The formatted text, cut at a whole character if it is too long. NULL on NOMEM. */
static char *format_message(gradus_ctx *ctx, const char *fmt, va_list ap)
{
    char buf[DIAG_LONGEST + 1];
    int full = vsnprintf(buf, sizeof buf, fmt, ap);
    if (full < 0)
        return arena_strndup(&ctx->diag_arena, "", 0);
    size_t n = (size_t)full;
    if (n <= DIAG_LONGEST)
        return arena_strndup(&ctx->diag_arena, buf, n);
    n = DIAG_LONGEST - 1;
    while (n > 0 && ((unsigned char)buf[n] & 0xC0) == 0x80)
        n--;
    return arena_printf(&ctx->diag_arena, "%.*s...", (int)n, buf);
}

static void record(gradus_ctx *ctx, diag d, const char *hint, const char *fmt, va_list ap)
{
    if (ctx->diag_count >= DIAG_MOST)
        return;
    if (ctx->diag_count == ctx->diag_cap &&
        !vec_grow(ctx, (void **)&ctx->diags, &ctx->diag_cap, ctx->diag_count + 1, sizeof *ctx->diags))
        return;
    d.message = format_message(ctx, fmt, ap);
    if (!d.message)
        return;
    d.hint = hint ? arena_printf(&ctx->diag_arena, "%.*s", (int)DIAG_LONGEST, hint) : NULL;
    ctx->diags[ctx->diag_count++] = d;
}

gradus_status diag_error(gradus_ctx *ctx, gradus_status code, span where, const char *hint, const char *fmt,
                         ...)
{
    /* The status first: if there is no memory for the words, the code must still be the cause. */
    ctx_fail(ctx, code);
    va_list ap;
    va_start(ap, fmt);
    record(ctx, (diag){.severity = DIAG_ERROR, .code = code, .where = where}, hint, fmt, ap);
    va_end(ap);
    return code;
}

void diag_add(gradus_ctx *ctx, diag_severity sev, gradus_status code, span where, const char *hint,
              const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    record(ctx, (diag){.severity = sev, .code = code, .where = where}, hint, fmt, ap);
    va_end(ap);
}

void diag_reset(gradus_ctx *ctx)
{
    ctx->diag_count = 0;
    arena_clear(&ctx->diag_arena);
}

const diag *diag_first_error(const gradus_ctx *ctx)
{
    for (size_t i = 0; i < ctx->diag_count; i++)
        if (ctx->diags[i].severity == DIAG_ERROR)
            return &ctx->diags[i];
    return NULL;
}
