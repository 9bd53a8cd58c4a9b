/* engine: the stack of frames, the memo, and how results travel.
 *
 * Note [Spines]
 * sin(sin(sin(x))) has a derivative of n factors. Were each frame to multiply its own factor to the result so far, the
 * products on the way would have 1, 2, ..., n entries: quadratic time and memory. A frame with a single part (a chain,
 * a constant factor) therefore only appends its factor to `pending` and passes the result on; the first frame that
 * needs the value as a whole multiplies once. With a record every step shows its own result, so there each multiplies;
 * past RECORD_DEPTH frames those results stay raw products of two.                                                  */
#include "diff/diff_impl.h"

enum { RECORD_DEPTH = 400 };

/* ---- engines are kept ------------------------------------------------------------------------------------- */

typedef struct diff_state {
    engine *free;
} diff_state;

static void free_engine(gradus_ctx *ctx, engine *e)
{
    ctx_realloc(ctx, e->slot, e->slot_cap * sizeof *e->slot, 0);
    vec_clear(ctx, &e->frames);
    vec_clear(ctx, &e->parts);
    vec_clear(ctx, &e->stack);
    vec_clear(ctx, &e->pending);
    vec_clear(ctx, &e->list);
    vec_clear(ctx, &e->list2);
    vec_clear(ctx, &e->names);
    vec_clear(ctx, &e->open_indices);
    vec_clear(ctx, &e->inner_names);
    vec_clear(ctx, &e->slopes);
    vec_clear(ctx, &e->own);
    ctx_realloc(ctx, e, sizeof *e, 0);
}

static void state_free(gradus_ctx *ctx, void *state)
{
    diff_state *s = state;
    while (s->free) {
        engine *e = s->free;
        s->free = e->next;
        free_engine(ctx, e);
    }
    ctx_realloc(ctx, s, sizeof *s, 0);
}

static diff_state *state_get(gradus_ctx *ctx)
{
    diff_state *s = ctx->room_state[SLOT_DIFF];
    if (s)
        return s;
    s = ctx_realloc(ctx, NULL, 0, sizeof *s);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    ctx->room_state[SLOT_DIFF] = s;
    ctx->room_free[SLOT_DIFF] = state_free;
    return s;
}

engine *engine_take(gradus_ctx *ctx, term x, const diff_options *opt, step_log *log)
{
    diff_state *s = state_get(ctx);
    if (!s)
        return NULL;
    engine *e = s->free;
    if (e) {
        s->free = e->next;
    } else {
        e = ctx_realloc(ctx, NULL, 0, sizeof *e);
        if (!e)
            return NULL;
        memset(e, 0, sizeof *e);
        e->ctx = ctx;
    }
    e->x = x;
    e->x_array = term_is(ctx, x, OP_ACC) ? term_arg(ctx, x, 0) : TERM_NONE;
    e->opt = opt;
    e->log = log;
    if (++e->run == 0) { /* run numbers came round: forget everything */
        memset(e->slot, 0, e->slot_cap * sizeof *e->slot);
        e->run = 1;
    }
    e->slot_used = 0;
    e->frames.n = e->parts.n = e->stack.n = e->pending.n = e->names.n = e->open_indices.n = e->inner_names.n = 0;
    e->names_tried = 0;
    e->failed = false;
    e->linear_depth = e->chain_depth = e->depth = 0;
    e->slopes.n = e->own.n = 0;
    e->shared = &e->own;
    return e;
}

void engine_give(engine *e)
{
    if (!e)
        return;
    diff_state *s = e->ctx->room_state[SLOT_DIFF];
    e->next = s->free;
    s->free = e;
}

/* ---- memo ------------------------------------------------------------------------------------------------- */

static bool memo_grow(engine *e)
{
    size_t cap = e->slot_cap ? e->slot_cap * 2 : 256;
    memo_slot *slot = ctx_realloc(e->ctx, NULL, 0, cap * sizeof *slot);
    if (!slot)
        return false;
    memset(slot, 0, cap * sizeof *slot);
    for (size_t i = 0; i < e->slot_cap; i++) {
        const memo_slot *m = &e->slot[i];
        if (m->run != e->run)
            continue;
        size_t k = (m->key * 2654435761u) & (cap - 1);
        while (slot[k].run == e->run)
            k = (k + 1) & (cap - 1);
        slot[k] = *m;
    }
    ctx_realloc(e->ctx, e->slot, e->slot_cap * sizeof *e->slot, 0);
    e->slot = slot;
    e->slot_cap = cap;
    return true;
}

/* The slot of t, made if new; NULL on NOMEM. Valid until the next call. */
memo_slot *engine_memo(engine *e, term t)
{
    if (2 * (e->slot_used + 1) > e->slot_cap && !memo_grow(e)) {
        e->failed = true;
        return NULL;
    }
    size_t k = (t * 2654435761u) & (e->slot_cap - 1);
    while (e->slot[k].run == e->run) {
        if (e->slot[k].key == t)
            return &e->slot[k];
        k = (k + 1) & (e->slot_cap - 1);
    }
    e->slot[k] = (memo_slot){.key = t, .run = e->run};
    e->slot_used++;
    return &e->slot[k];
}

static void remember(engine *e, term t, term deriv)
{
    memo_slot *m = deriv ? engine_memo(e, t) : NULL;
    if (m)
        m->deriv = deriv;
}

/* ---- classes ------------------------------------------------------------------------------------------------ */

/* Symbols and what cannot be judged by its arguments. CLASS_UNSEEN: judge by them. */
static node_class class_of_leaf(engine *e, term t)
{
    gradus_ctx *ctx = e->ctx;
    if (t == e->x)
        return CLASS_LINEAR;
    switch (term_get_op(ctx, t)) {
    case OP_NUM: case OP_CONST: case OP_BOOL: case OP_BOUND: case OP_UNDEF: case OP_EXTENT: return CLASS_CONST;
    case OP_SYM:
        if (t == e->x_array)
            return CLASS_OTHER;
        if (term_sym_info(ctx, t)->role != ROLE_DEFINED)
            return CLASS_CONST;
        return term_depends(ctx, t, e->x) ? CLASS_OTHER : CLASS_CONST;
    case OP_CALL: case OP_DERIV: case OP_LIMIT: return term_depends(ctx, t, e->x) ? CLASS_OTHER : CLASS_CONST;
    default: return CLASS_UNSEEN;
    }
}

static node_class class_from_args(engine *e, term t)
{
    gradus_ctx *ctx = e->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t), dependent = 0;
    node_class worst = CLASS_CONST;
    bool higher = false;
    for (uint32_t i = 0; i < n; i++) {
        node_class c = (node_class)engine_memo(e, a[i])->cls;
        if (c == CLASS_CONST)
            continue;
        dependent++;
        worst = c > worst ? c : worst;
        higher |= term_is(ctx, t, OP_MUL) && !term_is_int(ctx, a[i + 1], 1);
    }
    if (dependent == 0)
        return CLASS_CONST;
    bool keeps = term_is(ctx, t, OP_ADD) || (term_is(ctx, t, OP_MUL) && dependent == 1 && !higher);
    return keeps ? worst : CLASS_OTHER;
}

node_class engine_classify(engine *e, term root)
{
    memo_slot *m = engine_memo(e, root);
    if (!m || m->cls)
        return m ? (node_class)m->cls : CLASS_CONST;
    e->stack.n = 0;
    if (!vec_push(e->ctx, &e->stack, root))
        e->failed = true;
    while (e->stack.n && !e->failed) {
        term t = e->stack.at[e->stack.n - 1];
        m = engine_memo(e, t);
        node_class c = m && m->cls ? CLASS_UNSEEN : class_of_leaf(e, t);
        if (!m || m->cls || c) {
            if (m && !m->cls)
                engine_memo(e, t)->cls = (uint8_t)c;
            e->stack.n--;
            continue;
        }
        const term *a = term_args(e->ctx, t);
        size_t before = e->stack.n;
        for (uint32_t i = term_argc(e->ctx, t); i-- > 0;) {
            memo_slot *ma = engine_memo(e, a[i]);
            if (!ma || (!ma->cls && !vec_push(e->ctx, &e->stack, a[i])))
                e->failed = true;
        }
        if (e->stack.n == before && !e->failed) {
            c = class_from_args(e, t);
            engine_memo(e, t)->cls = (uint8_t)c;
            e->stack.n--;
        }
    }
    m = e->failed ? NULL : engine_memo(e, root);
    return m ? (node_class)m->cls : CLASS_CONST;
}

/* ---- frames --------------------------------------------------------------------------------------------------- */

frame *engine_push(engine *e, frame_kind kind, term t)
{
    frame f = {.t = t, .kind = kind, .first = (uint32_t)e->parts.n};
    if (!vec_push(e->ctx, &e->frames, f)) {
        e->failed = true;
        return NULL;
    }
    return &e->frames.at[e->frames.n - 1];
}

bool engine_add_part(engine *e, term body, term weight, const char *role)
{
    part p = {.body = body, .weight = weight, .role = role};
    if (!body || !vec_push(e->ctx, &e->parts, p)) {
        e->failed = true;
        return false;
    }
    e->frames.at[e->frames.n - 1].count++;
    return true;
}

bool engine_pass(engine *e, term t, term body, const char *role)
{
    frame *f = engine_push(e, FRAME_PASS, t);
    if (!f)
        return engine_answer(e, TERM_NONE);
    f->a = term_int(e->ctx, 1);
    return !engine_add_part(e, body, TERM_NONE, role);
}

bool engine_unable(engine *e, const char *what)
{
    diag_error(e->ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "no derivative is known of %s", what);
    return engine_answer(e, TERM_NONE);
}

/* Leaves with nothing below them, repeats, and whatever a rule of its own begins. */
bool enter_term(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    node_class c = engine_classify(e, t);
    if (e->failed)
        return engine_answer(e, TERM_NONE);
    if (c == CLASS_CONST) {
        record_constant(e, t, role);
        return engine_answer(e, term_is(ctx, t, OP_UNDEF) ? t : term_int(ctx, 0));
    }
    if (t == e->x) {
        record_leaf(e, "identity", t, role, term_int(ctx, 1));
        return engine_answer(e, term_int(ctx, 1));
    }
    memo_slot *m = engine_memo(e, t);
    if (m && m->deriv) {
        term known = m->deriv;
        step *first = m->first;
        step *s = first ? record_leaf(e, first->rule, t, role, known) : NULL;
        if (s) {
            s->tag = STEP_REPEAT;
            s->repeat_of = first;
        }
        return engine_answer(e, known);
    }
    if (c == CLASS_LINEAR && e->log && !e->linear_depth) {
        frame *f = engine_push(e, FRAME_LINEAR, t);
        if (!f)
            return engine_answer(e, TERM_NONE);
        f->outer = record_begin(e, "linear", t, role);
        e->linear_depth++;
        return !engine_add_part(e, t, TERM_NONE, NULL);
    }
    switch (term_get_op(ctx, t)) {
    case OP_ADD: return enter_add(e, t, role);
    case OP_MUL: return enter_mul(e, t, role);
    case OP_POW: return enter_pow(e, t, role);
    case OP_FN: return enter_fn(e, t, role);
    case OP_CALL: return enter_call(e, t, role);
    case OP_ACC: return enter_acc(e, t, role);
    case OP_BRACKET: return enter_bracket(e, t, role);
    case OP_CASES: return enter_cases(e, t, role);
    case OP_REDUCE: return enter_reduce(e, t, role);
    case OP_ARRAY: return enter_array(e, t, role);
    case OP_TUPLE: return enter_tuple(e, t, role);
    case OP_MATFN: return enter_matfn(e, t, role);
    case OP_SYM: return enter_defined(e, t, role);
    case OP_REL: case OP_AND: case OP_OR: case OP_NOT: return engine_unable(e, "a condition: it is true or false");
    default: return engine_unable(e, "this part of the formula");
    }
}

static bool is_spine(const engine *e, const frame *f)
{
    bool passes = f->kind == FRAME_SCALE || f->kind == FRAME_PASS || f->kind == FRAME_CHAIN || f->kind == FRAME_POWER ||
                  ((f->kind == FRAME_SUM || f->kind == FRAME_TOTAL) && f->count == 1);
    return passes && !e->log;
}

static void add_pending(engine *e, term factor)
{
    if (!factor || (!term_is_int(e->ctx, factor, 1) && !vec_push(e->ctx, &e->pending, factor)))
        e->failed = true;
}

/* Multiplies the pending factors into the result. Outermost factor first, as a reader writes it. */
static void settle_pending(engine *e)
{
    if (!e->pending.n)
        return;
    for (size_t i = 0, j = e->pending.n - 1; i < j; i++, j--) {
        term swap = e->pending.at[i];
        e->pending.at[i] = e->pending.at[j];
        e->pending.at[j] = swap;
    }
    if (!vec_push(e->ctx, &e->pending, e->ret))
        e->failed = true;
    e->ret = e->failed ? TERM_NONE : term_mul(e->ctx, e->pending.at, (uint32_t)e->pending.n);
    e->pending.n = 0;
}

/* factor*deriv for a record: canonical, except far down where that would cost quadratic memory. */
static term times(engine *e, term factor, term deriv)
{
    bool raw = (term_get_flags(e->ctx, deriv) & TF_RAW) != 0;
    if ((e->frames.n <= RECORD_DEPTH && !raw) || term_is_num(e->ctx, deriv))
        return term_mul2(e->ctx, factor, deriv);
    return term_raw_mul(e->ctx, (term[]){factor, deriv}, NULL, 2);
}

static term finish_frame(engine *e, frame *f)
{
    switch (f->kind) {
    case FRAME_LINEAR: e->linear_depth--; return frame_part(e, f, 0)->deriv;
    case FRAME_PASS: case FRAME_UNFOLD: return frame_part(e, f, 0)->deriv;
    case FRAME_SCALE: case FRAME_CHAIN: case FRAME_POWER: return times(e, f->a, frame_part(e, f, 0)->deriv);
    case FRAME_SUM: case FRAME_TOTAL: return finish_sum(e, f);
    case FRAME_PRODUCT: return finish_product(e, f);
    case FRAME_QUOTIENT: return finish_quotient(e, f);
    case FRAME_EXTREMUM: return finish_extremum(e, f);
    case FRAME_CASES: return finish_cases(e, f);
    case FRAME_REDUCE: return finish_reduce(e, f);
    case FRAME_ARRAY: return finish_array(e, f);
    case FRAME_TUPLE: return finish_tuple(e, f);
    case FRAME_MATRIX: return finish_matrix(e, f);
    case FRAME_ELEMENT: return finish_element(e, f);
    }
    return TERM_NONE;
}

/* Finishes the top frame: its result is in e->ret (and, on a spine, in pending). */
static void leave_frame(engine *e)
{
    frame f = e->frames.at[e->frames.n - 1];
    if (is_spine(e, &f)) {
        e->ret = frame_part(e, &f, 0)->deriv;
        if (term_is_int(e->ctx, e->ret, 0))
            e->pending.n = 0;
        else
            add_pending(e, f.kind == FRAME_SUM || f.kind == FRAME_TOTAL ? frame_part(e, &f, 0)->weight : f.a);
    } else {
        e->ret = finish_frame(e, &f);
        e->failed |= !e->ret;
        if (!e->failed && f.kind != FRAME_LINEAR) {
            remember(e, f.t, e->ret);
            if (e->log)
                engine_memo(e, f.t)->first = f.outer;
        }
    }
    if (f.kind == FRAME_LINEAR)
        step_bind(f.outer, "a", e->ret);
    if (f.inner)
        record_end(e, f.inner, e->ret);
    if (f.outer && (f.kind == FRAME_CHAIN || f.kind == FRAME_POWER))
        e->chain_depth--;
    record_end(e, f.outer, e->ret);
    e->parts.n = f.first;
    e->frames.n--;
}

/* Hands e->ret to the part that waits for it. */
static void deliver(engine *e)
{
    frame *f = &e->frames.at[e->frames.n - 1];
    part *p = &e->parts.at[f->first + f->next];
    if (e->pending.n && !is_spine(e, f)) {
        settle_pending(e);
        remember(e, p->body, e->ret);
    }
    p->deriv = e->ret;
    f->next++;
}

term engine_run(engine *e, term t)
{
    const size_t base = e->frames.n;
    bool answered = enter_term(e, t, NULL);
    while (e->frames.n > base && !e->failed) {
        if (answered && e->frames.n > base)
            deliver(e);
        frame *f = &e->frames.at[e->frames.n - 1];
        if (e->failed || !ctx_tick(e->ctx))
            e->failed = true;
        else if (f->next < f->count) {
            const part *p = frame_part(e, f, f->next);
            answered = enter_term(e, p->body, p->role);
        } else {
            leave_frame(e);
            answered = true;
        }
    }
    settle_pending(e);
    if (e->failed) {
        e->frames.n = base;
        if (ctx_status(e->ctx) == GRADUS_OK)
            ctx_fail(e->ctx, GRADUS_BUG);
        return TERM_NONE;
    }
    return e->ret;
}
