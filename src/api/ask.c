/* ask: contexts, queries and the way from a query to its answer. */
#include "api/api_impl.h"

static void api_free(gradus_ctx *ctx, void *state)
{
    api_state *s = state;
    vec_clear(ctx, &s->given);
    ctx_realloc(ctx, s, sizeof *s, 0);
}

const char *gradus_version(void) { return "0.1.0"; }
const char *gradus_status_name(gradus_status status) { return status_name(status); }
int gradus_status_exit_code(gradus_status status) { return status_exit_code(status); }

gradus_ctx *gradus_ctx_new(gradus_alloc_fn alloc, void *user)
{
    gradus_ctx *ctx = ctx_new(alloc, user);
    if (!ctx)
        return NULL;
    api_state *s = ctx_realloc(ctx, NULL, 0, sizeof *s);
    if (s) {
        memset(s, 0, sizeof *s);
        ctx->room_state[SLOT_API] = s;
        ctx->room_free[SLOT_API] = api_free;
        if (term_room_init(ctx)) {
            s->base = term_get_mark(ctx);
            if (s->base.id)
                return ctx;
        }
    }
    ctx_free(ctx);
    return NULL;
}

void gradus_ctx_free(gradus_ctx *ctx) { ctx_free(ctx); }

void gradus_set_limits(gradus_ctx *ctx, uint64_t nodes, double seconds)
{
    ctx->limits.nodes = nodes;
    ctx->limits.seconds = seconds;
}

void gradus_reset(gradus_ctx *ctx)
{
    api_state *s = api_of(ctx);
    s->given.n = 0;
    term_rewind(ctx, s->base);
    text_reset(ctx);
    s->base = term_get_mark(ctx);
}

void gradus_query_defaults(gradus_query *q, gradus_op op)
{
    memset(q, 0, sizeof *q);
    q->size = sizeof *q;
    q->op = op;
    q->order = 1;
}

static void run(problem *p)
{
    static void (*const ask[GRADUS_OP_COUNT])(problem *) = {
        [GRADUS_OP_DIFF] = ask_diff,         [GRADUS_OP_EVAL] = ask_eval,       [GRADUS_OP_GRAD] = ask_grad,
        [GRADUS_OP_JACOBIAN] = ask_jacobian, [GRADUS_OP_HESSIAN] = ask_hessian, [GRADUS_OP_SLOPE] = ask_slope,
        [GRADUS_OP_CHECK] = ask_check,       [GRADUS_OP_SIMPLIFY] = ask_simplify, [GRADUS_OP_LIMIT] = ask_limit,
        [GRADUS_OP_PRINT] = ask_print,       [GRADUS_OP_IMPLICIT] = ask_implicit, [GRADUS_OP_DIRECTION] = ask_direction,
    };
    if (!ask[p->q->op])
        ctx_fail(p->ctx, GRADUS_UNABLE);
    else if (read_problem(p) == GRADUS_OK)
        ask[p->q->op](p);
}

static gradus_status define(gradus_ctx *ctx, const gradus_query *q, gradus_answer *a)
{
    term sym = TERM_NONE;
    const char *expr = q->expr ? q->expr : "";
    gradus_status st = text_define(ctx, expr, q->expr_length ? q->expr_length : strlen(expr),
                                   q->format == GRADUS_LATEX ? TEXT_LATEX : TEXT_PLAIN, &sym);
    if (st == GRADUS_OK && sym)
        a->form[GRADUS_TEXT] = arena_strndup(&a->mem, term_sym_name(ctx, sym), strlen(term_sym_name(ctx, sym)));
    return st;
}

/* A failed definition or array leaves no trace; a good one stays. */
static void keep_if_good(gradus_ctx *ctx, term_mark mark)
{
    if (ctx_status(ctx) != GRADUS_OK)
        term_rewind(ctx, mark);
    else
        term_drop_mark(ctx, mark);
}

gradus_answer *gradus_ask(gradus_ctx *ctx, const gradus_query *query)
{
    gradus_query full;
    gradus_query_defaults(&full, query->op);
    memcpy(&full, query, query->size < sizeof full ? query->size : sizeof full);
    ctx_begin(ctx);
    gradus_answer *a = answer_new(ctx, full.op);
    if (!a)
        return NULL;
    term_mark mark = term_get_mark(ctx);
    read_given(ctx, &full);
    if (ctx_status(ctx) == GRADUS_OK && full.op == GRADUS_OP_DEFINE)
        define(ctx, &full, a);
    keep_if_good(ctx, mark);
    problem p = {.ctx = ctx, .q = &full, .a = a};
    if (full.op == GRADUS_OP_RESET)
        gradus_reset(ctx);
    else if (full.op == GRADUS_OP_FUNCTIONS)
        ask_functions(&p);
    else if (full.op >= GRADUS_OP_COUNT)
        ctx_fail(ctx, GRADUS_UNABLE);
    else if (full.op != GRADUS_OP_DEFINE && ctx_status(ctx) == GRADUS_OK) {
        mark = term_get_mark(ctx);
        run(&p);
        answer_take_diagnostics(a);
        problem_clear(&p);
        term_rewind(ctx, mark);
        return a;
    }
    answer_take_diagnostics(a);
    return a;
}
