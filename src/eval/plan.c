/* Terms to instructions on doubles: compiled once, run at many points.
 *
 * The arithmetic is that of float.c, operation for operation: a plan and eval_float agree to the last bit.
 * All nodes of a region are computed, needed or not (what is undefined is NaN and stays where it is: a strong
 * zero or an untaken branch drops it); only what the walker computes (recurrences, matrices) is never asked
 * for in vain, because cases and products with brackets around it are left to the walker as a whole. */
#include "eval/plan_impl.h"

#include <stdlib.h>

typedef struct maker {
    eval_plan *p;
    gradus_ctx *ctx;
    const prog *prog;
    uint8_t *stage;   /* of each node                           */
    bool *walk;       /* node is computed by the walker         */
    uint32_t *seen;   /* generation of the last visit           */
    uint32_t generation;
    uint32_t depth;   /* of loops                               */
    VEC(uint32_t) stack;
    bool ok;
} maker;

typedef VEC(uint32_t) node_vec;

/* ---- emitting ---------------------------------------------------------------------------------------- */

static uint32_t emit(maker *k, plan_ins i)
{
    if (!vec_push(k->ctx, &k->p->code, i))
        k->ok = false;
    return k->ok ? (uint32_t)k->p->code.n - 1 : 0;
}

static void emit_ab(maker *k, plan_op op, uint32_t d, uint32_t a, uint32_t b)
{
    emit(k, (plan_ins){.op = (uint8_t)op, .d = d, .a = a, .b = b});
}

static void emit_k(maker *k, plan_op op, uint32_t d, uint32_t a, uint32_t b, double x)
{
    emit(k, (plan_ins){.op = (uint8_t)op, .d = d, .a = a, .b = b, .u.k = x});
}

static uint32_t pool_add(maker *k, uint32_t x)
{
    if (!vec_push(k->ctx, &k->p->pool, x))
        k->ok = false;
    return k->ok ? (uint32_t)k->p->pool.n - 1 : 0;
}

static uint32_t pool_args(maker *k, const parg *a, uint32_t from, uint32_t count)
{
    uint32_t first = (uint32_t)k->p->pool.n;
    for (uint32_t i = 0; i < count; i++)
        pool_add(k, a[from + i].node);
    return first;
}

static double num_of(const maker *k, uint32_t node)
{
    return float_leaf_value(k->ctx, k->prog->node[node].t);
}

/* ---- sums and products ------------------------------------------------------------------------------- */

/* d = the first summand, coefficient included. */
static void emit_first(maker *k, uint32_t d, const parg *a)
{
    if (a->kind == PARG_INT && a->k == 1)
        emit_ab(k, PLAN_COPY, d, a->node, 0);
    else if (a->kind == PARG_INT && a->k == -1)
        emit_ab(k, PLAN_NEG, d, a->node, 0);
    else if (a->kind == PARG_INV)
        emit_k(k, PLAN_DIVK, d, a->node, 0, a->k);
    else
        emit_k(k, PLAN_MULK, d, a->node, 0, a->kind == PARG_INT ? a->k : num_of(k, a->num));
}

/* d = b + the summand. */
static void emit_plus(maker *k, uint32_t d, uint32_t b, const parg *a)
{
    if (a->kind == PARG_INT && a->k == 1)
        emit_ab(k, PLAN_ADD, d, b, a->node);
    else if (a->kind == PARG_INT && a->k == -1)
        emit_ab(k, PLAN_SUB, d, b, a->node);
    else if (a->kind == PARG_INV)
        emit_k(k, PLAN_ADDDK, d, a->node, b, a->k);
    else
        emit_k(k, PLAN_ADDMK, d, a->node, b, a->kind == PARG_INT ? a->k : num_of(k, a->num));
}

static void emit_sum(maker *k, uint32_t n, const pnode *e)
{
    const parg *a = node_args(k->prog, e);
    double c0 = num_of(k, a[0].node);
    uint32_t i = 1;
    if (e->count == 1 || c0 != 0) {
        if (e->count > 1 && a[1].kind == PARG_INT && (a[1].k == 1 || a[1].k == -1)) {
            emit_k(k, a[1].k == 1 ? PLAN_ADDK : PLAN_SUBK, n, a[1].node, 0, c0);
            i = 2;
        } else
            emit_k(k, PLAN_SET, n, 0, 0, c0);
    } else {
        emit_first(k, n, &a[1]);
        i = 2;
    }
    for (; i < e->count; i++)
        emit_plus(k, n, n, &a[i]);
}

/* The register of |base|^exponent: the base's own where the exponent is 1. */
static uint32_t emit_factor(maker *k, uint32_t to, const parg *a)
{
    int32_t e = a->k < 0 ? -a->k : a->k;
    if (a->kind == PARG_INT && e == 1)
        return a->node;
    if (a->kind == PARG_INT)
        emit(k, (plan_ins){.op = PLAN_POWI, .d = to, .a = a->node, .n = e});
    else if (a->kind == PARG_HALF && e == 1)
        emit_ab(k, PLAN_SQRT, to, a->node, 0);
    else
        emit_k(k, PLAN_POWK, to, a->node, 0, a->kind == PARG_HALF ? 0.5 * e : fabs(num_of(k, a->num)));
    return to;
}

/* Product of the factors above (or below) the line, in register `to`. Its register, NODE_NONE: there are
 * none. */
static uint32_t emit_side(maker *k, uint32_t to, const pnode *e, bool denominator)
{
    const parg *a = node_args(k->prog, e);
    uint32_t reg = NODE_NONE, spare = (uint32_t)k->p->n_reg - 1;
    for (uint32_t i = 0; i < e->count; i++) {
        if (a[i].negative != denominator)
            continue;
        uint32_t f = emit_factor(k, reg == NODE_NONE ? to : spare, &a[i]);
        if (reg != NODE_NONE) {
            emit_ab(k, PLAN_MUL, to, reg, f);
            f = to;
        }
        reg = f;
    }
    return reg;
}

/* The brackets that make node n a strong zero: through products and multiples. */
static void strong_brackets(maker *k, uint32_t n, node_vec *out)
{
    const prog *p = k->prog;
    k->stack.n = 0;
    if (!vec_push(k->ctx, &k->stack, n))
        k->ok = false;
    while (k->ok && k->stack.n > 0) {
        uint32_t i = k->stack.at[--k->stack.n];
        const pnode *e = &p->node[i];
        if (e->op == OP_BRACKET && !vec_push(k->ctx, out, i))
            k->ok = false;
        if (e->op != OP_MUL && e->op != OP_ADD)
            continue;
        const parg *a = node_args(p, e);
        for (uint32_t j = 0; j < e->count; j++)
            if ((p->node[a[j].node].flags & PN_STRONG) && !(e->op == OP_MUL && a[j].negative) &&
                !vec_push(k->ctx, &k->stack, a[j].node))
                k->ok = false;
    }
}

static void emit_product(maker *k, uint32_t n, const pnode *e)
{
    node_vec brackets = {0};
    uint32_t guard = (uint32_t)k->p->code.n, spare = (uint32_t)k->p->n_reg - 2;
    if (e->flags & PN_STRONG)
        strong_brackets(k, n, &brackets);
    for (size_t i = 0; i < brackets.n; i++)
        emit_ab(k, PLAN_STRONG, n, brackets.at[i], 0);
    uint32_t top = emit_side(k, n, e, false), bottom = emit_side(k, spare, e, true);
    if (bottom == NODE_NONE)
        emit_ab(k, PLAN_COPY, n, top == NODE_NONE ? n : top, 0);
    else if (top == NODE_NONE)
        emit_ab(k, PLAN_INV, n, bottom, 0);
    else
        emit_ab(k, PLAN_DIV, n, top, bottom);
    for (size_t i = 0; k->ok && i < brackets.n; i++)
        k->p->code.at[guard + i].to = (uint32_t)k->p->code.n;
    vec_clear(k->ctx, &brackets);
}

/* ---- other nodes ------------------------------------------------------------------------------------- */

static void emit_function(maker *k, uint32_t n, const pnode *e)
{
    const parg *a = node_args(k->prog, e);
    const fn_row *row = fn_get((fn_id)e->user);
    if (e->count == 1) {
        emit(k, (plan_ins){.op = PLAN_FN1, .d = n, .a = a[0].node, .u.f = row->f});
        return;
    }
    if (k->p->n_args < e->count)
        k->p->n_args = e->count;
    uint32_t first = pool_args(k, a, 0, e->count);
    emit(k, (plan_ins){.op = PLAN_FN, .d = n, .a = first, .n = (int32_t)e->count, .u.f = row->f});
}

static void emit_logic(maker *k, uint32_t n, const pnode *e, plan_op op)
{
    uint32_t first = pool_args(k, node_args(k->prog, e), 0, e->count);
    emit(k, (plan_ins){.op = (uint8_t)op, .d = n, .a = first, .n = (int32_t)e->count});
}

static void emit_cases(maker *k, uint32_t n, const pnode *e)
{
    const parg *a = node_args(k->prog, e);
    uint32_t first = (uint32_t)k->p->code.n, i = 0;
    for (; i + 1 < e->count; i += 2)
        emit_ab(k, PLAN_CASE, n, a[i].node, a[i + 1].node);
    if (i < e->count)
        emit_ab(k, PLAN_COPY, n, a[i].node, 0);
    else
        emit_k(k, PLAN_SET, n, 0, 0, NAN);
    for (uint32_t j = first; k->ok && j < first + i / 2; j++)
        k->p->code.at[j].to = (uint32_t)k->p->code.n;
}

static void emit_walk(maker *k, uint32_t n)
{
    uint64_t mask = k->prog->node[n].mask;
    uint32_t first = (uint32_t)k->p->pool.n;
    int32_t count = 0;
    for (; mask; mask &= mask - 1, count++)
        pool_add(k, (uint32_t)__builtin_ctzll(mask));
    /* Outer levels first: setting an inner one is what makes values stale. */
    for (int32_t i = 0; k->ok && i < count / 2; i++) {
        uint32_t *x = &k->p->pool.at[first + (uint32_t)i],
                 *y = &k->p->pool.at[first + (uint32_t)(count - 1 - i)], t = *x;
        *x = *y;
        *y = t;
    }
    emit(k, (plan_ins){.op = PLAN_WALK, .d = n, .a = first, .n = count});
    k->p->walks = true;
}

static void emit_element(maker *k, uint32_t n, const pnode *e)
{
    const parg *a = node_args(k->prog, e);
    const pnode *array = &k->prog->node[a[0].node];
    if (array->op == OP_TUPLE) {
        uint32_t first = pool_args(k, node_args(k->prog, array), 0, array->count);
        emit(k, (plan_ins){.op = PLAN_PICK, .d = n, .a = a[1].node, .b = first, .n = (int32_t)array->count});
        return;
    }
    const sym_info *info = k->prog->sym[array->user].info;
    if (e->count == 2) {
        emit(k, (plan_ins){.op = PLAN_LOAD, .d = n, .a = a[1].node, .u.data = info});
        return;
    }
    uint32_t first = pool_args(k, a, 1, e->count - 1);
    emit(k, (plan_ins){.op = PLAN_LOADN, .d = n, .a = first, .n = (int32_t)e->count - 1, .u.data = info});
}

static void emit_region(maker *k, const uint32_t *roots, uint32_t n_roots, uint32_t level, plan_stage stage);

static void emit_loop(maker *k, uint32_t n, const pnode *e)
{
    const parg *a = node_args(k->prog, e);
    uint32_t record = k->depth++, range = pool_add(k, a[1].node), body = a[3].node;
    pool_add(k, a[2].node);
    if (k->depth > k->p->n_loop)
        k->p->n_loop = k->depth;
    uint32_t head = emit(k, (plan_ins){.op = PLAN_LOOP, .aux = e->aux, .d = n, .a = a[0].node, .b = record,
                                       .n = (int32_t)range});
    emit_region(k, &body, 1, k->prog->node[a[0].node].aux, STAGE_COUNT);
    node_vec brackets = {0};
    if (e->aux == RED_PROD && (k->prog->node[body].flags & PN_STRONG))
        strong_brackets(k, body, &brackets);
    uint32_t first = (uint32_t)k->p->pool.n;
    for (size_t i = 0; i < brackets.n; i++)
        pool_add(k, brackets.at[i]);
    uint32_t next =
        emit(k, (plan_ins){.op = PLAN_NEXT, .aux = e->aux, .d = n, .a = body, .b = record, .to = head + 1});
    if (k->ok) {
        k->p->code.at[next].n = (int32_t)a[0].node;
        k->p->code.at[next].u.strong.first = first;
        k->p->code.at[next].u.strong.count = (uint32_t)brackets.n;
        k->p->code.at[head].to = next + 1;
    }
    vec_clear(k->ctx, &brackets);
    k->depth--;
}

static void emit_node(maker *k, uint32_t n)
{
    const pnode *e = &k->prog->node[n];
    const parg *a = node_args(k->prog, e);
    if (k->walk[n]) {
        emit_walk(k, n);
        return;
    }
    switch ((term_op)e->op) {
    case OP_ADD:
        emit_sum(k, n, e);
        break;
    case OP_MUL:
        emit_product(k, n, e);
        break;
    case OP_POW:
        emit_ab(k, PLAN_POW, n, a[0].node, a[1].node);
        break;
    case OP_FN:
        emit_function(k, n, e);
        break;
    case OP_REL:
        emit(k, (plan_ins){.op = PLAN_REL, .aux = e->aux, .d = n, .a = a[0].node, .b = a[1].node});
        break;
    case OP_NOT:
        emit_ab(k, PLAN_NOT, n, a[0].node, 0);
        break;
    case OP_AND:
        emit_logic(k, n, e, PLAN_AND);
        break;
    case OP_OR:
        emit_logic(k, n, e, PLAN_OR);
        break;
    case OP_BRACKET:
        emit_ab(k, PLAN_COPY, n, a[0].node, 0);
        break;
    case OP_CASES:
        emit_cases(k, n, e);
        break;
    case OP_REDUCE:
        emit_loop(k, n, e);
        break;
    case OP_ACC:
        emit_element(k, n, e);
        break;
    default: /* leaves have their values; arrays have none */
        break;
    }
}

/* ---- regions ----------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Collects the nodes under the roots whose innermost level is `level` (0: none); the walker's nodes hide
 * theirs. */
static void collect(maker *k, const uint32_t *roots, uint32_t n_roots, uint32_t level, plan_stage stage,
                    node_vec *out)
{
    const prog *p = k->prog;
    uint64_t bit = level ? UINT64_C(1) << level : 0;
    uint32_t generation = ++k->generation;
    k->stack.n = 0;
    for (uint32_t i = 0; i < n_roots; i++)
        k->ok = k->ok && vec_push(k->ctx, &k->stack, roots[i]);
    while (k->ok && k->stack.n > 0) {
        uint32_t n = k->stack.at[--k->stack.n];
        const pnode *e = &p->node[n];
        if (k->seen[n] == generation || (bit && !(e->mask & bit)))
            continue;
        k->seen[n] = generation;
        if (e->slot == level && (stage == STAGE_COUNT || k->stage[n] == stage))
            k->ok = k->ok && vec_push(k->ctx, out, n);
        if (k->walk[n])
            continue;
        const parg *a = node_args(p, e);
        for (uint32_t i = 0; i < e->count; i++)
            k->ok = k->ok && vec_push(k->ctx, &k->stack, a[i].node);
    }
    if (k->ok && out->n > 1)
        qsort(out->at, out->n, sizeof *out->at, by_number);
}

static void emit_region(maker *k, const uint32_t *roots, uint32_t n_roots, uint32_t level, plan_stage stage)
{
    node_vec nodes = {0};
    collect(k, roots, n_roots, level, stage, &nodes);
    for (size_t i = 0; k->ok && i < nodes.n; i++)
        emit_node(k, nodes.at[i]);
    vec_clear(k->ctx, &nodes);
}

/* ---- what the walker has to do, and stages ----------------------------------------------------------- */

static bool has_instructions(const prog *p, const pnode *e)
{
    if (e->op == OP_CALL || e->op == OP_MATFN || e->op == OP_EXTENT)
        return false;
    if (e->op != OP_ACC)
        return true;
    const pnode *array = &p->node[node_args(p, e)->node];
    if (array->op == OP_SYM)
        return p->sym[array->user].info->values && p->sym[array->user].info->rank == e->count - 1;
    if (array->op != OP_TUPLE || e->count != 2 || (e->flags & PN_STRONG))
        return false;
    for (uint32_t i = 0; i < array->count; i++)
        if (p->node[node_args(p, array)[i].node].flags & PN_ARRAY)
            return false;
    return true;
}

/* Ascending: arguments come before nodes. walk[n] holds for a moment "has such a node inside". */
static void mark_nodes(maker *k)
{
    const prog *p = k->prog;
    for (uint32_t n = 0; n < p->n; n++) {
        const pnode *e = &p->node[n];
        const parg *a = node_args(p, e);
        bool inside = false;
        for (uint32_t i = 0; i < e->count; i++) {
            uint32_t c = a[i].node;
            inside = inside || k->seen[c] == 1;
            if (k->stage[n] < k->stage[c])
                k->stage[n] = k->stage[c];
        }
        /* The rules of a recurrence may read any variable. */
        if (e->op == OP_CALL || (e->op == OP_SYM && (e->flags & PN_ARRAY) && p->sym[e->user].recursive))
            k->stage[n] = STAGE_FAST;
        bool lazy = e->op == OP_CASES || e->op == OP_AND || e->op == OP_OR ||
                    (e->op == OP_MUL && (e->flags & PN_LAZY));
        bool own = !has_instructions(p, e);
        k->walk[n] = (own && !(e->flags & PN_ARRAY)) || (lazy && inside);
        k->seen[n] = own || inside; /* generation numbers start at 2 */
    }
    k->generation = 2;
}

/* ---- making and freeing ------------------------------------------------------------------------------ */

static bool plan_alloc(maker *k)
{
    eval_plan *p = k->p;
    arena *mem = &p->m.mem;
    size_t n = k->prog->n;
    p->n_reg = n + 2;
    p->reg = arena_alloc(mem, p->n_reg * sizeof *p->reg);
    p->var = arena_alloc(mem, (p->n_vars + 1) * sizeof *p->var);
    p->root = arena_alloc(mem, (p->n_roots + 1) * sizeof *p->root);
    k->stage = arena_alloc(mem, n);
    k->walk = arena_alloc(mem, n * sizeof *k->walk);
    k->seen = arena_alloc(mem, n * sizeof *k->seen);
    return p->reg && p->var && p->root && k->stage && k->walk && k->seen;
}

static void set_variables(maker *k, const term *roots, const term *vars)
{
    eval_plan *p = k->p;
    for (uint32_t i = 0; i < p->n_roots; i++)
        p->root[i] = prog_find(k->prog, roots[i]);
    for (uint32_t i = 0; i < p->n_vars; i++) {
        uint32_t n = p->var[i] = prog_find(k->prog, vars[i]);
        if (n != NODE_NONE)
            k->stage[n] = i + 1 == p->n_vars ? STAGE_FAST : STAGE_SLOW;
    }
    for (uint32_t n = 0; n < k->prog->n; n++) {
        const pnode *e = &k->prog->node[n];
        p->reg[n] = NAN;
        if (e->op == OP_NUM || e->op == OP_CONST)
            p->reg[n] = float_leaf_value(k->ctx, e->t);
        else if (e->op == OP_BOOL)
            p->reg[n] = e->aux;
        else if (e->op == OP_BOUND)
            p->level_reg[e->aux] = n;
    }
}

static bool plan_compile(maker *k, const term *roots, const term *vars)
{
    eval_plan *p = k->p;
    if (!plan_alloc(k))
        return false;
    set_variables(k, roots, vars);
    for (uint32_t i = 0; i < p->n_roots; i++)
        if (k->prog->node[p->root[i]].flags & PN_ARRAY) {
            diag_error(k->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "an array stands where a number is needed");
            return false;
        }
    mark_nodes(k);
    for (int s = 0; s < STAGE_COUNT; s++) {
        p->start[s] = (uint32_t)p->code.n;
        emit_region(k, p->root, p->n_roots, 0, (plan_stage)s);
    }
    p->start[STAGE_COUNT] = (uint32_t)p->code.n;
    p->loop = arena_alloc(&p->m.mem, (p->n_loop + 1) * sizeof *p->loop);
    p->args = arena_alloc(&p->m.mem, (p->n_args + 1) * sizeof *p->args);
    return k->ok && p->loop && p->args && plan_execute(p, STAGE_CONST);
}

static term *unfold_roots(eval_plan *p, const term *roots)
{
    gradus_ctx *ctx = p->ctx;
    term *t = arena_alloc(&p->m.mem, (p->n_roots + 1) * sizeof *t);
    for (uint32_t i = 0; t && i < p->n_roots; i++) {
        t[i] = roots[i] && (term_get_flags(ctx, roots[i]) & TF_DEFINED) ? term_unfold(ctx, roots[i])
                                                                        : roots[i];
        if (t[i] == TERM_NONE)
            return NULL;
    }
    return t;
}

eval_plan *eval_plan_new(gradus_ctx *ctx, const term *roots, uint32_t n_roots, const term *vars,
                         uint32_t n_vars)
{
    eval_plan *p = ctx_realloc(ctx, NULL, 0, sizeof *p);
    if (!p)
        return NULL;
    memset(p, 0, sizeof *p);
    p->ctx = ctx;
    p->n_roots = n_roots;
    p->n_vars = n_vars;
    maker k = {.p = p, .ctx = ctx, .ok = true};
    p->at = ctx_realloc(ctx, NULL, 0, (n_vars + 1) * sizeof *p->at);
    for (uint32_t i = 0; p->at && i < n_vars; i++)
        p->at[i] = (eval_bind){.sym = vars[i]};
    bool ok = machine_init(&p->m, ctx, &float_domain, p->at, p->at ? n_vars : 0) && p->at;
    term *t = ok ? unfold_roots(p, roots) : NULL;
    p->at_value = ok ? arena_alloc(&p->m.mem, (n_vars + 1) * sizeof *p->at_value) : NULL;
    if (t && p->at_value) {
        p->m.at_value = p->at_value;
        k.prog = n_roots ? prog_make(&p->m, t, n_roots, NULL, 0) : NULL;
        p->in = k.prog ? instance_make(&p->m, k.prog) : NULL;
        ok = p->in && plan_compile(&k, t, vars);
    } else
        ok = false;
    vec_clear(ctx, &k.stack);
    if (ok && ctx_status(ctx) == GRADUS_OK)
        return p;
    eval_plan_free(p);
    return NULL;
}

void eval_plan_free(eval_plan *p)
{
    if (!p)
        return;
    gradus_ctx *ctx = p->ctx;
    vec_clear(ctx, &p->code);
    vec_clear(ctx, &p->pool);
    machine_clear(&p->m);
    if (p->at)
        ctx_realloc(ctx, p->at, (p->n_vars + 1) * sizeof *p->at, 0);
    ctx_realloc(ctx, p, sizeof *p, 0);
}
