/* From a term to a program: the nodes under the roots with small local numbers, coefficients and exponents
 * sorted into kinds, and for each node the loops that it depends on. */
#include "eval/eval_impl.h"

enum { MAX_SMALL_EXPONENT = 1 << 20 };

/* ---- local numbers ----------------------------------------------------------------------------------- */

uint32_t prog_find(const prog *p, term t)
{
    uint32_t lo = 0, hi = p->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (p->node[mid].t < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n && p->node[lo].t == t ? lo : NODE_NONE;
}

/* ---- coefficients and exponents ---------------------------------------------------------------------- */

static void set_coefficient(gradus_ctx *ctx, parg *a, term k)
{
    const fmpq *q = term_num(ctx, k);
    const fmpz *num = fmpq_numref(q), *den = fmpq_denref(q);
    a->negative = fmpz_sgn(num) < 0;
    if (fmpz_is_one(den) && fmpz_bits(num) < 31) {
        a->kind = PARG_INT;
        a->k = (int32_t)fmpz_get_si(num);
    } else if (fmpz_is_pm1(num) && fmpz_bits(den) < 31) {
        a->kind = PARG_INV;
        a->k = (int32_t)(fmpz_get_si(den) * fmpz_sgn(num));
    } else
        a->kind = PARG_RAT;
}

static void set_exponent(gradus_ctx *ctx, parg *a, term e)
{
    const fmpq *q = term_num(ctx, e);
    const fmpz *num = fmpq_numref(q), *den = fmpq_denref(q);
    a->negative = fmpz_sgn(num) < 0;
    bool small = fmpz_cmpabs(num, den) <= 0 || fmpz_bits(num) <= 20;
    if (small && fmpz_is_one(den)) {
        a->kind = PARG_INT;
        a->k = (int32_t)fmpz_get_si(num);
    } else if (small && fmpz_equal_si(den, 2)) {
        a->kind = PARG_HALF;
        a->k = (int32_t)fmpz_get_si(num);
    } else
        a->kind = PARG_RAT;
}

/* ---- symbols ----------------------------------------------------------------------------------------- */

typedef struct maker {
    machine *m;
    gradus_ctx *ctx;
    prog *p;
    const term *formals;
    uint32_t n_formals;
    uint32_t cap_sym;
    VEC(term) missing; /* symbols without a value */
} maker;

static void miss(maker *k, term sym)
{
    for (size_t i = 0; i < k->missing.n; i++)
        if (k->missing.at[i] == sym)
            return;
    (void)vec_push(k->ctx, &k->missing, sym);
}

/* The array symbol or recurrence of SYM node n, entered once. */
static bool enter_symbol(maker *k, pnode *e)
{
    prog *p = k->p;
    for (uint32_t i = 0; i < p->n_sym; i++)
        if (p->sym[i].sym == e->t) {
            e->user = i;
            return true;
        }
    if (p->n_sym == k->cap_sym) {
        uint32_t cap = k->cap_sym ? 2 * k->cap_sym : 4;
        psym *bigger = arena_alloc(&k->m->mem, cap * sizeof *bigger);
        if (!bigger)
            return false;
        if (p->n_sym)
            memcpy(bigger, p->sym, p->n_sym * sizeof *bigger);
        p->sym = bigger;
        k->cap_sym = cap;
    }
    sym_info *info = term_sym_info(k->ctx, e->t);
    psym *s = &p->sym[p->n_sym];
    *s = (psym){.sym = e->t, .info = info, .recursive = info->rule_count > 0};
    e->user = p->n_sym++;
    return !s->recursive || recurrence_register(k->m, s);
}

static bool make_symbol(maker *k, pnode *e)
{
    const sym_info *info = term_sym_info(k->ctx, e->t);
    e->user = NODE_NONE;
    for (uint32_t i = 0; i < k->n_formals; i++)
        if (k->formals[i] == e->t) {
            e->user = i;
            e->mask = UINT64_C(1) << SLOT_FORMAL;
            e->flags |= PN_INTEGER;
            return true;
        }
    if (info->role == ROLE_FUNCTION || info->rank > 0 || info->values) {
        e->flags |= PN_ARRAY;
        return enter_symbol(k, e);
    }
    if (info->role == ROLE_INDEX)
        e->flags |= PN_INTEGER;
    if (machine_find(k->m, e->t) == k->m->n_at)
        miss(k, e->t);
    return true;
}

/* ---- one node ---------------------------------------------------------------------------------------- */

static uint64_t level_bit(uint32_t level) { return UINT64_C(1) << level; }

static bool shape_error(maker *k, term t)
{
    diag_error(k->ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
               "an array stands where a number is needed (in a node '%s')",
               term_op_name(term_get_op(k->ctx, t)));
    return false;
}

/* Arguments as they are; the mask is the union of theirs. */
static bool plain_args(maker *k, pnode *e, const term *args, uint32_t n, uint32_t skip)
{
    prog *p = k->p;
    for (uint32_t i = 0; i < n; i++) {
        parg *a = &p->arg[e->first + i];
        *a = (parg){.node = prog_find(p, args[skip + i]), .num = NODE_NONE};
        e->mask |= p->node[a->node].mask;
    }
    e->count = n;
    return true;
}

static bool scalar_args(maker *k, const pnode *e, uint32_t from)
{
    for (uint32_t i = from; i < e->count; i++)
        if (k->p->node[k->p->arg[e->first + i].node].flags & PN_ARRAY)
            return shape_error(k, e->t);
    return true;
}

/* c0, k1, t1, ...: arg[0] is the constant, then the terms. */
static bool make_add(maker *k, pnode *e, const term *args, uint32_t argc)
{
    prog *p = k->p;
    parg *a = &p->arg[e->first];
    bool integer;
    *a = (parg){.node = prog_find(p, args[0]), .num = NODE_NONE};
    set_coefficient(k->ctx, a, args[0]);
    integer = a->kind == PARG_INT;
    for (uint32_t i = 1; i + 1 < argc; i += 2) {
        a++;
        *a = (parg){.node = prog_find(p, args[i + 1]), .num = prog_find(p, args[i])};
        set_coefficient(k->ctx, a, args[i]);
        e->mask |= p->node[a->node].mask;
        integer = integer && a->kind == PARG_INT && (p->node[a->node].flags & PN_INTEGER);
    }
    e->count = 1 + (argc - 1) / 2;
    if (integer)
        e->flags |= PN_INTEGER;
    if (argc == 3 && term_is_int(k->ctx, args[0], 0) && (p->node[a->node].flags & PN_STRONG))
        e->flags |= PN_STRONG;
    return scalar_args(k, e, 0);
}

static bool make_mul(maker *k, pnode *e, const term *args, uint32_t argc)
{
    prog *p = k->p;
    bool integer = true;
    for (uint32_t i = 0; i + 1 < argc; i += 2) {
        parg *a = &p->arg[e->first + i / 2];
        *a = (parg){.node = prog_find(p, args[i]), .num = prog_find(p, args[i + 1])};
        set_exponent(k->ctx, a, args[i + 1]);
        const pnode *base = &p->node[a->node];
        e->mask |= base->mask;
        if ((base->flags & PN_STRONG) && term_num_sign(k->ctx, args[i + 1]) > 0)
            e->flags |= PN_STRONG | PN_LAZY;
        integer = integer && (base->flags & PN_INTEGER) && a->kind == PARG_INT && a->k >= 0;
    }
    e->count = argc / 2;
    if (integer)
        e->flags |= PN_INTEGER;
    return scalar_args(k, e, 0);
}

/* A reducer or array: its own levels are no dependence of it. */
static bool make_binder(maker *k, pnode *e, const term *args, uint32_t argc, bool array)
{
    uint32_t axes = array ? (argc - 1) / 3 : 1;
    plain_args(k, e, args, argc, 0);
    for (uint32_t i = 0; i < axes; i++) {
        uint32_t level = term_aux(k->ctx, args[3 * i]);
        e->mask &= ~level_bit(level);
        if (k->p->max_level < level)
            k->p->max_level = level;
    }
    e->flags |= array ? PN_ARRAY : PN_LAZY;
    return array || scalar_args(k, e, 1);
}

static bool make_call(maker *k, pnode *e, const term *args, uint32_t argc)
{
    uint32_t n = (argc - 1) / 2;
    const sym_info *info = term_sym_info(k->ctx, args[0]);
    if (info->rule_count == 0) {
        diag_error(k->ctx, GRADUS_SYNTAX, SPAN_NONE, "define it first, for example f(x) = x^2",
                   "%s has no definition", info->name);
        return false;
    }
    for (uint32_t i = 0; i < n; i++)
        if (!term_is_int(k->ctx, args[1 + i], 0)) {
            diag_error(k->ctx, GRADUS_UNABLE, SPAN_NONE, NULL,
                       "a derivative of %s stands in the formula that has not been taken", info->name);
            return false;
        }
    e->user = k->p->node[prog_find(k->p, args[0])].user;
    e->flags |= PN_LAZY;
    return plain_args(k, e, args, n, 1 + n) && scalar_args(k, e, 0);
}

/* Elements of this array are wanted: it must have some. */
static void want_elements(maker *k, uint32_t array)
{
    const pnode *e = &k->p->node[array];
    if (e->op != OP_SYM || !(e->flags & PN_ARRAY))
        return;
    const psym *s = &k->p->sym[e->user];
    if (!s->recursive && !s->info->values)
        miss(k, e->t);
}

/* An element that may be a strong zero: the body of an array, or an entry, that may be one. */
static bool strong_element(const prog *p, const pnode *array)
{
    if (array->op != OP_ARRAY && array->op != OP_TUPLE)
        return false;
    for (uint32_t i = array->op == OP_ARRAY ? array->count - 1 : 0; i < array->count; i++)
        if (p->node[p->arg[array->first + i].node].flags & PN_STRONG)
            return true;
    return false;
}

static bool make_node(maker *k, pnode *e)
{
    gradus_ctx *ctx = k->ctx;
    uint32_t argc = term_argc(ctx, e->t);
    const term *args = term_args(ctx, e->t);
    switch ((term_op)e->op) {
    case OP_NUM:
        if (fmpz_is_one(fmpq_denref(term_num(ctx, e->t))))
            e->flags |= PN_INTEGER;
        return true;
    case OP_CONST:
    case OP_UNDEF:
    case OP_BOOL:
        return true;
    case OP_SYM:
        return make_symbol(k, e);
    case OP_BOUND:
        if (e->aux > MAX_LEVEL) {
            diag_error(ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "sums inside sums are nested more than %d deep",
                       MAX_LEVEL);
            return false;
        }
        e->mask = level_bit(e->aux);
        e->flags |= PN_INTEGER;
        if (k->p->max_level < e->aux)
            k->p->max_level = e->aux;
        return true;
    case OP_ADD:
        return make_add(k, e, args, argc);
    case OP_MUL:
        return make_mul(k, e, args, argc);
    case OP_FN:
        e->user = term_aux(ctx, e->t);
        if (fn_get((fn_id)e->user)->flags & FN_INTEGER)
            e->flags |= PN_INTEGER;
        return plain_args(k, e, args, argc, 0) && scalar_args(k, e, 0);
    case OP_BRACKET:
        e->flags |= PN_STRONG | PN_INTEGER;
        return plain_args(k, e, args, argc, 0);
    case OP_POW:
    case OP_REL:
    case OP_NOT:
        return plain_args(k, e, args, argc, 0) && scalar_args(k, e, 0);
    case OP_AND:
    case OP_OR:
    case OP_CASES:
        e->flags |= PN_LAZY;
        return plain_args(k, e, args, argc, 0) && scalar_args(k, e, 0);
    case OP_REDUCE:
        return make_binder(k, e, args, argc, false);
    case OP_ARRAY:
        return make_binder(k, e, args, argc, true);
    case OP_TUPLE:
        e->flags |= PN_ARRAY;
        return plain_args(k, e, args, argc, 0);
    case OP_ACC:
        e->flags |= PN_LAZY;
        if (!plain_args(k, e, args, argc, 0) || !scalar_args(k, e, 1))
            return false;
        want_elements(k, k->p->arg[e->first].node);
        if (strong_element(k->p, &k->p->node[k->p->arg[e->first].node]))
            e->flags |= PN_STRONG;
        return true;
    case OP_MATFN:
        e->flags |= e->aux == MATFN_INV ? PN_LAZY | PN_ARRAY : PN_LAZY;
        plain_args(k, e, args, argc, 0);
        want_elements(k, k->p->arg[e->first].node);
        return true;
    case OP_EXTENT:
        e->flags |= PN_LAZY | PN_INTEGER;
        return plain_args(k, e, args, argc, 0);
    case OP_CALL:
        return make_call(k, e, args, argc);
    case OP_DERIV:
    case OP_LIMIT:
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "a %s stands in the formula that has not been taken",
                   e->op == OP_DERIV ? "derivative" : "limit");
        return false;
    case OP_INVALID:
    case OP_COUNT:
        break;
    }
    diag_error(ctx, GRADUS_BUG, SPAN_NONE, NULL, "a node of an unknown kind cannot be evaluated");
    return false;
}

/* ---- the program ------------------------------------------------------------------------------------- */

static bool report_missing(maker *k)
{
    if (k->missing.n == 0)
        return true;
    strbuf b;
    strbuf_init(&b, k->ctx);
    size_t n = k->missing.n;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            strbuf_add(&b, i + 1 == n ? " and " : ", ");
        strbuf_add(&b, term_sym_name(k->ctx, k->missing.at[i]));
    }
    diag_error(k->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, n == 1 ? "%s has no value" : "%s have no values",
               strbuf_str(&b));
    strbuf_clear(&b);
    return false;
}

static uint32_t lowest(uint64_t mask) { return mask ? (uint32_t)__builtin_ctzll(mask) : 0; }

static bool make_nodes(maker *k, const term_vec *all)
{
    prog *p = k->p;
    uint32_t first = 0;
    for (size_t i = 0; i < all->n; i++) {
        pnode *e = &p->node[i];
        e->first = first;
        e->op = (uint8_t)term_get_op(k->ctx, e->t);
        e->aux = (uint8_t)(e->op == OP_FN || e->op == OP_BOUND ? 0 : term_aux(k->ctx, e->t));
        if (e->op == OP_BOUND) {
            uint32_t level = term_aux(k->ctx, e->t);
            e->aux = (uint8_t)(level > MAX_LEVEL ? MAX_LEVEL + 1 : level);
        }
        if (!make_node(k, e))
            return false;
        e->slot = (uint8_t)lowest(e->mask);
        first += term_argc(k->ctx, e->t);
    }
    return true;
}

prog *prog_make(machine *m, const term *roots, uint32_t n_roots, const term *formals, uint32_t n_formals)
{
    gradus_ctx *ctx = m->ctx;
    term_vec all = {0};
    if (!term_reachable(ctx, roots, n_roots, &all) || ctx_status(ctx) != GRADUS_OK) {
        vec_clear(ctx, &all);
        return NULL;
    }
    size_t args = 0;
    for (size_t i = 0; i < all.n; i++)
        args += term_argc(ctx, all.at[i]);
    prog *p = arena_alloc(&m->mem, sizeof *p);
    if (p) {
        p->n = (uint32_t)all.n;
        p->node = arena_alloc(&m->mem, (all.n + 1) * sizeof *p->node);
        p->arg = arena_alloc(&m->mem, (args + 1) * sizeof *p->arg);
    }
    maker k = {.m = m, .ctx = ctx, .p = p, .formals = formals, .n_formals = n_formals};
    bool ok = p && p->node && p->arg && args < UINT32_MAX;
    if (ok) {
        for (size_t i = 0; i < all.n; i++)
            p->node[i].t = all.at[i];
        p->node[p->n].t = roots[0]; /* the spare place */
        ok = make_nodes(&k, &all);
    }
    for (uint32_t i = 0; ok && i < n_roots; i++)
        want_elements(&k, prog_find(p, roots[i]));
    ok = ok && report_missing(&k);
    vec_clear(ctx, &k.missing);
    vec_clear(ctx, &all);
    return ok && ctx_status(ctx) == GRADUS_OK ? p : NULL;
}
