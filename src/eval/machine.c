/* The machine: what a run owns, and how it forgets when the precision rises. */
#include "eval/eval_impl.h"

#include <stdlib.h>

/* A value and where it stands: sorted by symbol, the first of several for one symbol first. */
typedef struct placed {
    term sym;
    uint32_t place;
} placed;

static int by_symbol(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->sym != y->sym)
        return x->sym < y->sym ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static bool order_values(machine *m)
{
    if (m->n_at == 0)
        return true;
    placed *p = arena_alloc(&m->mem, m->n_at * sizeof *p);
    m->at_order = arena_alloc(&m->mem, m->n_at * sizeof *m->at_order);
    if (!p || !m->at_order)
        return false;
    for (size_t i = 0; i < m->n_at; i++)
        p[i] = (placed){m->at[i].sym, (uint32_t)i};
    qsort(p, m->n_at, sizeof *p, by_symbol);
    for (size_t i = 0; i < m->n_at; i++)
        m->at_order[i] = p[i].place;
    return true;
}

bool machine_init(machine *m, gradus_ctx *ctx, const domain *dom, const eval_bind *at, size_t n)
{
    *m = (machine){.ctx = ctx, .dom = dom, .at = at, .n_at = n, .prec = 53, .stamp = 1};
    arena_init(&m->mem, ctx);
    arb_init(m->tmp), arb_init(m->tmp2);
    fmpq_init(m->qtmp), fmpq_init(m->qtmp2);
    return ctx_status(ctx) == GRADUS_OK && order_values(m);
}

size_t machine_find(const machine *m, term sym)
{
    size_t lo = 0, hi = m->n_at;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->at[m->at_order[mid]].sym < sym)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->n_at && m->at[m->at_order[lo]].sym == sym ? m->at_order[lo] : m->n_at;
}

void machine_clear(machine *m)
{
    recurrence_clear(m);
    for (size_t i = 0; i < m->instances.n; i++) {
        instance *in = m->instances.at[i];
        for (uint32_t k = 0; in->mats && k < in->p->n; k++)
            if (in->mats[k])
                store_clear(m, &in->mats[k]->cell);
        m->dom->pay_clear(m, in->pay, (size_t)in->p->n + 1);
    }
    m->dom->machine_clear(m);
    vec_clear(m->ctx, &m->instances);
    vec_clear(m->ctx, &m->stack);
    vec_clear(m->ctx, &m->loops);
    vec_clear(m->ctx, &m->faults);
    arb_clear(m->tmp), arb_clear(m->tmp2);
    fmpq_clear(m->qtmp), fmpq_clear(m->qtmp2);
    arena_clear(&m->mem);
}

/* ---- rounds ------------------------------------------------------------------------------------------ */

bool leaf_value(const gradus_ctx *ctx, term t)
{
    if (!t)
        return false;
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_is_int(ctx, term_arg(ctx, t, 0), 0) &&
        term_is_int(ctx, term_arg(ctx, t, 1), -1)) {
        t = term_arg(ctx, t, 2);
        return term_is(ctx, t, OP_CONST) && term_aux(ctx, t) == CONST_INF;
    }
    return term_is_num(ctx, t) || term_is(ctx, t, OP_CONST);
}

static void set_symbol(machine *m, instance *in, uint32_t n)
{
    term sym = in->p->node[n].t;
    size_t i = machine_find(m, sym);
    if (i == m->n_at)
        return;
    if (!m->at_value && !leaf_value(m->ctx, m->at[i].value))
        fault_set(m, in, n, sym, GRADUS_UNABLE,
                  "its value is a formula, which the rule of a recurrence cannot take");
    else if (!m->at_value)
        m->dom->leaf(m, in, n, m->at[i].value);
    else if (isnan(m->at_value[i]))
        fault_set(m, in, n, sym, GRADUS_DOMAIN, "not a number");
    else
        m->dom->set_double(node_val(m, in, n), m->at_value[i]);
}

/* Nodes without arguments get their values at once: they change with the precision only. */
static void set_leaves(machine *m, instance *in)
{
    for (uint32_t i = 0; i < in->p->n; i++) {
        const pnode *e = &in->p->node[i];
        state *st = &in->st[i];
        *st = (state){0};
        switch ((term_op)e->op) {
        case OP_NUM:
        case OP_CONST:
            m->dom->leaf(m, in, i, e->t);
            break;
        case OP_SYM:
            if ((e->flags & PN_ARRAY) || e->slot == SLOT_FORMAL)
                continue;
            set_symbol(m, in, i);
            break;
        case OP_BOOL:
            st->kind = e->aux ? EV_TRUE : EV_FALSE;
            break;
        case OP_UNDEF:
            fault_set(m, in, i, e->t, GRADUS_DOMAIN, "no value exists here");
            break;
        default:
            continue;
        }
        st->stamp = m->stamp;
    }
}

static void instance_round(machine *m, instance *in)
{
    for (int i = 0; i < 64; i++)
        in->slot_stamp[i] = m->stamp;
    set_leaves(m, in);
}

void machine_round(machine *m, slong prec)
{
    m->prec = prec;
    m->stamp++;
    m->stack.n = m->loops.n = m->faults.n = 0;
    recurrence_round(m);
    for (size_t i = 0; i < m->instances.n; i++)
        instance_round(m, m->instances.at[i]);
}

instance *instance_make(machine *m, const prog *p)
{
    instance *in = arena_alloc(&m->mem, sizeof *in);
    if (!in)
        return NULL;
    in->p = p;
    size_t cells = (size_t)p->n + 1;
    in->st = arena_alloc(&m->mem, cells * sizeof *in->st);
    in->pay = arena_alloc(&m->mem, cells * m->dom->pay_size);
    in->level = arena_alloc(&m->mem, (p->max_level + 1) * sizeof *in->level);
    if (!in->st || !in->pay || !in->level)
        return NULL;
    m->dom->pay_init(m, in->pay, cells);
    if (!vec_push(m->ctx, &m->instances, in)) {
        m->dom->pay_clear(m, in->pay, cells);
        return NULL;
    }
    instance_round(m, in);
    return in;
}

/* ---- stores ------------------------------------------------------------------------------------------ */

static size_t grown(size_t cap, size_t want)
{
    if (cap < 16)
        cap = 16;
    while (cap < want && cap < SIZE_MAX / 4)
        cap *= 2;
    return cap;
}

bool store_resize(machine *m, store *s, size_t n)
{
    size_t size = m->dom->pay_size, bytes;
    if (n > s->st_cap) {
        size_t cap = grown(s->st_cap, n);
        state *st = size_mul(cap, sizeof *st, &bytes)
                        ? ctx_realloc(m->ctx, s->st, s->st_cap * sizeof *st, bytes) : NULL;
        if (!st)
            return (void)ctx_fail(m->ctx, GRADUS_NOMEM), false;
        s->st = st;
        s->st_cap = cap;
    }
    if (n > s->cap) {
        size_t cap = grown(s->cap, n);
        char *pay = size_mul(cap, size, &bytes) ? ctx_realloc(m->ctx, s->pay, s->cap * size, bytes) : NULL;
        if (!pay)
            return (void)ctx_fail(m->ctx, GRADUS_NOMEM), false;
        memset(pay + s->cap * size, 0, (cap - s->cap) * size);
        m->dom->pay_init(m, pay + s->cap * size, cap - s->cap);
        s->pay = pay;
        s->cap = cap;
    }
    if (n > s->n)
        memset(s->st + s->n, 0, (n - s->n) * sizeof *s->st);
    s->n = n;
    return true;
}

void store_clear(machine *m, store *s)
{
    if (s->pay)
        m->dom->pay_clear(m, s->pay, s->cap);
    ctx_realloc(m->ctx, s->pay, s->cap * m->dom->pay_size, 0);
    ctx_realloc(m->ctx, s->st, s->st_cap * sizeof *s->st, 0);
    *s = (store){0};
}
