/* matrix: results by arrays in matrix notation beside their index form.
 *
 * text_raise proposes a reading; it is parsed back and compared entry by entry before anyone sees it.               */
#include "api/api_impl.h"

void answer_note_notation(problem *p)
{
    for (unsigned i = 0; p->logging && i < 8 && p->notation[i]; i++)
        step_rewrite(&p->log, p->notation[i], p->raw, p->raw);
}

/* Does the text mean the array? Errors of the attempt are taken back. */
static bool means(problem *p, const char *text, term array)
{
    gradus_ctx *ctx = p->ctx;
    term t = text_parse(ctx, text, strlen(text), TEXT_PLAIN);
    prove_result r;
    bool same = false;
    if (t && ctx_status(ctx) == GRADUS_OK) {
        t = term_canon(ctx, t);
        same = t == array;
        if (!same && t && prove_equal(ctx, t, array, NULL, 0, &p->a->mem, &r) == GRADUS_OK) {
            same = r.equal == GRADUS_YES;
            vec_clear(ctx, &r.conditions);
        }
    }
    if (ctx_status(ctx) == GRADUS_SYNTAX || ctx_status(ctx) == GRADUS_SHAPE || ctx_status(ctx) == GRADUS_UNABLE)
        ctx_begin(ctx);
    return same;
}

bool answer_set_matrix(problem *p, term array)
{
    strbuf b;
    bool found = false;
    if (!array || !term_is(p->ctx, array, OP_ARRAY) || ctx_status(p->ctx) != GRADUS_OK)
        return false;
    strbuf_init(&b, p->ctx);
    if (text_raise(&b, p->ctx, array) && means(p, strbuf_str(&b), array)) {
        found = true;
        p->a->matrix = answer_copy(p->a, &b);
        if (p->logging) {
            step *s = step_rewrite(&p->log, "raise", array, array);
            step_bind(s, "matrix", term_sym(p->ctx, p->a->matrix, strlen(p->a->matrix)));
        }
    }
    strbuf_clear(&b);
    return found;
}
