/* Elements and extents of array-valued nodes, without evaluating more than is asked for. */
#include "eval/eval_impl.h"

static array_answer rank_error(machine *m, const instance *in, uint32_t a, uint32_t rank)
{
    const pnode *e = &in->p->node[a];
    const char *name = e->op == OP_SYM ? term_sym_name(m->ctx, e->t) : "the array";
    diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "%s is read with %u %s, which is not how many it has",
               name, rank, rank == 1 ? "index" : "indices");
    return ARRAY_FAIL;
}

/* Index `at` of axis `axis` (from 0) lies outside lo..hi. */
static array_answer outside(machine *m, instance *in, uint32_t n, uint32_t a, uint32_t axis, int64_t at,
                            int64_t lo, int64_t hi)
{
    const pnode *e = &in->p->node[n];
    const char *name = in->p->node[a].op == OP_SYM ? term_sym_name(m->ctx, in->p->node[a].t) : "the array";
    static const char *const ordinal[SYM_MAX_RANK] = {"", "second ", "third ", "fourth ", "fifth ", "sixth "};
    if (hi < lo)
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "%s: %sindex %lld, but it is empty", name, ordinal[axis],
                  (long long)at);
    else
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "%s: %sindex %lld is outside %lld..%lld", name,
                  ordinal[axis], (long long)at, (long long)lo, (long long)hi);
    return ARRAY_DONE;
}

/* ---- range ends -------------------------------------------------------------------------------------- */

/* An integer-valued node. NODE: *out is right. */
static array_answer integer_of(machine *m, instance *in, uint32_t n, uint32_t k, int64_t *out, uint32_t *need)
{
    if (!state_valid(in, k)) {
        *need = k;
        return ARRAY_NEEDS;
    }
    const state *st = &in->st[k];
    if (st->kind == EV_UNDEF || st->kind == EV_UNSURE) {
        in->st[n].kind = st->kind;
        in->st[n].culprit = st->culprit;
        return ARRAY_DONE;
    }
    switch (m->dom->get_long(m, node_val(m, in, k), out)) {
    case 0:
        return ARRAY_NODE;
    case 2:
        unsure_set(m, in, n, in->p->node[k].t);
        return ARRAY_DONE;
    default:
        fault_set(m, in, n, in->p->node[k].t, GRADUS_DOMAIN, "an end of an array's range is not an integer");
        return ARRAY_DONE;
    }
}

/* ---- elements ---------------------------------------------------------------------------------------- */

static array_answer data_element(machine *m, instance *in, uint32_t n, uint32_t a, const sym_info *info,
                                 const int64_t *at)
{
    size_t flat = 0;
    for (uint32_t i = 0; i < info->rank; i++) {
        if (at[i] < 1 || at[i] > info->dims[i])
            return outside(m, in, n, a, i, at[i], 1, info->dims[i]);
        flat = flat * (size_t)info->dims[i] + (size_t)(at[i] - 1);
    }
    double x = info->values[flat];
    if (isnan(x)) {
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "the data have no number here (NaN)");
        return ARRAY_DONE;
    }
    m->dom->set_double(node_val(m, in, n), x);
    return ARRAY_DONE;
}

static array_answer symbol_element(machine *m, instance *in, uint32_t n, uint32_t a, const int64_t *at,
                                   uint32_t rank)
{
    const psym *s = &in->p->sym[in->p->node[a].user];
    if (rank != s->info->rank)
        return rank_error(m, in, a, rank);
    if (s->info->values)
        return data_element(m, in, n, a, s->info, at);
    if (!s->recursive)
        return rank_error(m, in, a, rank);
    return recurrence_get(m, in, n, s, at) ? ARRAY_DONE : ARRAY_FAIL;
}

static array_answer matrix_element(machine *m, instance *in, uint32_t n, uint32_t a, const int64_t *at,
                                   uint32_t *need)
{
    if (!state_valid(in, a)) {
        *need = a;
        return ARRAY_NEEDS;
    }
    if (in->st[a].kind != EV_NUM) {
        in->st[n].kind = in->st[a].kind;
        in->st[n].culprit = in->st[a].culprit;
        return ARRAY_DONE;
    }
    const matrix *mat = in->mats[a];
    for (uint32_t i = 0; i < 2; i++)
        if (at[i] < mat->lo[i] || at[i] >= mat->lo[i] + mat->size)
            return outside(m, in, n, a, i, at[i], mat->lo[i], mat->lo[i] + mat->size - 1);
    size_t flat = (size_t)((at[0] - mat->lo[0]) * mat->size + at[1] - mat->lo[1]);
    val_copy(m, node_val(m, in, n), store_val(m, &mat->cell, flat));
    return ARRAY_DONE;
}

/* Ranges that depend on the array's own indices are not rectangular. i: where the index stands. */
static bool independent(machine *m, const instance *in, const pnode *e, uint32_t i)
{
    const parg *arg = node_args(in->p, e);
    if (!((in->p->node[arg[i + 1].node].mask | in->p->node[arg[i + 2].node].mask) & ~e->mask))
        return true;
    diag_error(m->ctx, GRADUS_UNABLE, SPAN_NONE, NULL,
               "the range of an index depends on another index of the same array: it is not rectangular");
    return false;
}

/* Puts the indices into the array's bound levels. NODE: done. */
static array_answer enter_array(machine *m, instance *in, uint32_t n, uint32_t a, const int64_t *at,
                                uint32_t *need)
{
    const pnode *e = &in->p->node[a];
    const parg *arg = node_args(in->p, e);
    for (uint32_t i = 0; i + 1 < e->count; i += 3) {
        int64_t lo = 0, hi = 0;
        if (!independent(m, in, e, i))
            return ARRAY_FAIL;
        array_answer got = integer_of(m, in, n, arg[i + 1].node, &lo, need);
        if (got == ARRAY_NODE)
            got = integer_of(m, in, n, arg[i + 2].node, &hi, need);
        if (got != ARRAY_NODE)
            return got;
        if (at[i / 3] < lo || at[i / 3] > hi)
            return outside(m, in, n, a, i / 3, at[i / 3], lo, hi);
    }
    for (uint32_t i = 0; i + 1 < e->count; i += 3)
        level_set(m, in, in->p->node[arg[i].node].aux, at[i / 3]);
    return ARRAY_NODE;
}

array_answer array_element(machine *m, instance *in, uint32_t n, uint32_t a, const int64_t *at, uint32_t rank,
                           uint32_t *need)
{
    uint32_t left = rank;
    while (left > 0) {
        const pnode *e = &in->p->node[a];
        const parg *arg = node_args(in->p, e);
        if (e->op == OP_SYM)
            return symbol_element(m, in, n, a, at, left);
        if (e->op == OP_MATFN && e->aux == MATFN_INV && left == 2)
            return matrix_element(m, in, n, a, at, need);
        if (e->op == OP_TUPLE) {
            if (*at < 1 || *at > (int64_t)e->count)
                return outside(m, in, n, a, rank - left, *at, 1, (int64_t)e->count);
            a = arg[*at - 1].node;
            at++, left--;
        } else if (e->op == OP_ARRAY && (e->count - 1) / 3 <= left) {
            array_answer got = enter_array(m, in, n, a, at, need);
            if (got != ARRAY_NODE)
                return got;
            at += (e->count - 1) / 3;
            left -= (e->count - 1) / 3;
            a = arg[e->count - 1].node;
        } else
            return rank_error(m, in, a, rank);
    }
    if (in->p->node[a].flags & PN_ARRAY)
        return rank_error(m, in, a, rank);
    *need = a;
    return ARRAY_NODE;
}

/* ---- extents ----------------------------------------------------------------------------------------- */

static bool add_axis(machine *m, array_dims *d, int64_t lo, int64_t size)
{
    if (d->rank == SYM_MAX_RANK) {
        diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "an array has more than %d axes", SYM_MAX_RANK);
        return false;
    }
    d->lo[d->rank] = lo;
    d->size[d->rank++] = size;
    return true;
}

static array_answer symbol_shape(machine *m, const psym *s, array_dims *d)
{
    if (s->recursive && !s->info->values) {
        array_dims own = {0};
        if (!recurrence_shape(m, s, &own))
            return ARRAY_FAIL;
        for (uint32_t i = 0; i < own.rank; i++)
            if (!add_axis(m, d, own.lo[i], own.size[i]))
                return ARRAY_FAIL;
        return ARRAY_DONE;
    }
    for (uint32_t i = 0; i < s->info->rank; i++) {
        if (s->info->dims[i] < 0) {
            diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the size of %s is not known", s->info->name);
            return ARRAY_FAIL;
        }
        if (!add_axis(m, d, 1, s->info->dims[i]))
            return ARRAY_FAIL;
    }
    return ARRAY_DONE;
}

/* The axes of one ARRAY node. NODE: appended. */
static array_answer array_axes(machine *m, instance *in, uint32_t n, uint32_t a, array_dims *d, bool *fault,
                               uint32_t *need)
{
    const pnode *e = &in->p->node[a];
    const parg *arg = node_args(in->p, e);
    for (uint32_t i = 0; i + 1 < e->count; i += 3) {
        int64_t lo = 0, hi = 0;
        if (!independent(m, in, e, i))
            return ARRAY_FAIL;
        array_answer got = integer_of(m, in, n, arg[i + 1].node, &lo, need);
        if (got == ARRAY_NODE)
            got = integer_of(m, in, n, arg[i + 2].node, &hi, need);
        if (got == ARRAY_DONE)
            *fault = true;
        if (got != ARRAY_NODE)
            return got;
        if (!add_axis(m, d, lo, hi < lo ? 0 : hi - lo + 1))
            return ARRAY_FAIL;
    }
    return ARRAY_NODE;
}

array_answer array_shape(machine *m, instance *in, uint32_t n, uint32_t a, array_dims *d, bool *fault,
                         uint32_t *need)
{
    *d = (array_dims){0};
    *fault = false;
    for (;;) {
        const pnode *e = &in->p->node[a];
        const parg *arg = node_args(in->p, e);
        if (!(e->flags & PN_ARRAY))
            return ARRAY_DONE;
        switch ((term_op)e->op) {
        case OP_SYM:
            return symbol_shape(m, &in->p->sym[e->user], d);
        case OP_TUPLE:
            if (!add_axis(m, d, 1, (int64_t)e->count))
                return ARRAY_FAIL;
            if (e->count == 0)
                return ARRAY_DONE;
            a = arg[0].node;
            break;
        case OP_ARRAY: {
            array_answer got = array_axes(m, in, n, a, d, fault, need);
            if (got != ARRAY_NODE)
                return got;
            a = arg[e->count - 1].node;
            break;
        }
        case OP_MATFN: /* as its argument, the axes exchanged: both are of one size */
            a = arg[0].node;
            break;
        default:
            return rank_error(m, in, a, 1);
        }
    }
}
