/* Definitions that read themselves: h[0] = 1; h[t] = 2*h[t-1]. Elements are kept in tables and filled in
 * dependency order: an element whose rule reads one that is not there yet is interrupted, the missing one is
 * computed first, and the rule runs again. So the depth of a recurrence costs memory, never C stack; whatever
 * order it looks back in (several indices, downwards, through data) there is nothing to find out in advance.
 * An element that needs itself is a fault. */
#include "eval/eval_impl.h"

enum { MAX_ELEMENTS = 100000000 };

/* One rule, compiled when the first element is asked for. */
typedef struct rule_run {
    instance *in;
    uint32_t body;
    uint32_t formal[SYM_MAX_RANK]; /* number of the formal at a position, NODE_NONE: a fixed index        */
    uint32_t fixed[SYM_MAX_RANK];  /* node of the fixed index                                             */
    uint32_t lo[SYM_MAX_RANK], hi[SYM_MAX_RANK]; /* nodes of the range; NODE_NONE if not stated           */
    bool base, downward;
} rule_run;

struct table {
    term sym;
    const sym_info *info;
    rule_run *rule;
    uint32_t rank;
    bool made;
    VEC(int64_t) keys;  /* rank numbers an element   */
    uint32_t *slot;     /* open addressing: element + 1 */
    size_t slot_cap;
    store value;        /* kind EV_NONE: not computed; strong then says that it is being computed */
};

/* ---- rules ------------------------------------------------------------------------------------------- */

bool recurrence_register(machine *m, psym *s)
{
    for (size_t i = 0; i < m->tables.n; i++)
        if (m->tables.at[i]->sym == s->sym) {
            s->table = (uint32_t)i;
            return true;
        }
    table *t = arena_alloc(&m->mem, sizeof *t);
    if (!t)
        return false;
    t->sym = s->sym;
    t->info = s->info;
    t->rank = s->info->rank ? s->info->rank : s->info->rules[0].n;
    s->table = (uint32_t)m->tables.n;
    return vec_push(m->ctx, &m->tables, t);
}

static bool is_formal(machine *m, const table *t, term index)
{
    if (!term_is(m->ctx, index, OP_SYM))
        return false;
    return t->info->role == ROLE_FUNCTION || term_sym_info(m->ctx, index)->role == ROLE_INDEX;
}

static term unfolded(machine *m, term t)
{
    return term_get_flags(m->ctx, t) & TF_DEFINED ? term_unfold(m->ctx, t) : t;
}

/* Notes root t, if any; its place among the roots, or NODE_NONE. */
static uint32_t add_root(machine *m, term *roots, uint32_t *n, term t)
{
    if (t == TERM_NONE)
        return NODE_NONE;
    roots[*n] = unfolded(m, t);
    return (*n)++;
}

static uint32_t node_of(const prog *p, const term *roots, uint32_t root)
{
    return root == NODE_NONE ? NODE_NONE : prog_find(p, roots[root]);
}

static bool make_rule(machine *m, table *t, const sym_rule *from, rule_run *r)
{
    term roots[1 + 3 * SYM_MAX_RANK], formals[SYM_MAX_RANK];
    uint32_t n = 0, n_formals = 0;
    if (from->n != t->rank) {
        diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
                   "the rules of %s do not have the same number of indices", t->info->name);
        return false;
    }
    r->downward = from->downward;
    r->body = add_root(m, roots, &n, from->body);
    for (uint32_t i = 0; i < t->rank; i++) {
        r->formal[i] = r->fixed[i] = NODE_NONE;
        if (is_formal(m, t, from->index[i])) {
            r->formal[i] = n_formals;
            formals[n_formals++] = from->index[i];
        } else {
            r->base = true;
            r->fixed[i] = add_root(m, roots, &n, from->index[i]);
        }
        r->lo[i] = add_root(m, roots, &n, from->lo[i]);
        r->hi[i] = add_root(m, roots, &n, from->hi[i]);
    }
    if (ctx_status(m->ctx) != GRADUS_OK)
        return false;
    prog *p = prog_make(m, roots, n, formals, n_formals);
    r->in = p ? instance_make(m, p) : NULL;
    if (!r->in)
        return false;
    r->in->formal = arena_alloc(&m->mem, sizeof *r->in->formal * SYM_MAX_RANK);
    r->body = node_of(p, roots, r->body);
    for (uint32_t i = 0; i < t->rank; i++) {
        r->fixed[i] = node_of(p, roots, r->fixed[i]);
        r->lo[i] = node_of(p, roots, r->lo[i]);
        r->hi[i] = node_of(p, roots, r->hi[i]);
    }
    return r->in->formal != NULL;
}

static bool make_rules(machine *m, table *t)
{
    if (t->made)
        return true;
    t->rule = arena_alloc(&m->mem, t->info->rule_count * sizeof *t->rule);
    for (uint32_t i = 0; t->rule && i < t->info->rule_count; i++)
        if (!make_rule(m, t, &t->info->rules[i], &t->rule[i]))
            return false;
    t->made = t->rule != NULL;
    return t->made;
}

/* ---- elements ---------------------------------------------------------------------------------------- */

static uint64_t hash_key(const int64_t *at, uint32_t rank)
{
    uint64_t h = rank;
    for (uint32_t i = 0; i < rank; i++)
        h = hash_mix(h, (uint64_t)at[i]);
    return h;
}

static bool grow_slots(machine *m, table *t)
{
    size_t cap = t->slot_cap ? 2 * t->slot_cap : 64, n = t->value.n;
    uint32_t *slot = ctx_realloc(m->ctx, NULL, 0, cap * sizeof *slot);
    if (!slot)
        return false;
    memset(slot, 0, cap * sizeof *slot);
    for (size_t e = 0; e < n; e++) {
        size_t i = hash_key(&t->keys.at[e * t->rank], t->rank) & (cap - 1);
        while (slot[i])
            i = (i + 1) & (cap - 1);
        slot[i] = (uint32_t)e + 1;
    }
    ctx_realloc(m->ctx, t->slot, t->slot_cap * sizeof *slot, 0);
    t->slot = slot;
    t->slot_cap = cap;
    return true;
}

/* Number of the element, made if new; false on failure. */
static bool element_at(machine *m, table *t, const int64_t *at, uint32_t *out)
{
    if (2 * (t->value.n + 1) > t->slot_cap && !grow_slots(m, t))
        return false;
    size_t i = hash_key(at, t->rank) & (t->slot_cap - 1);
    for (; t->slot[i]; i = (i + 1) & (t->slot_cap - 1)) {
        *out = t->slot[i] - 1;
        if (memcmp(&t->keys.at[*out * t->rank], at, t->rank * sizeof *at) == 0)
            return true;
    }
    if (t->value.n >= MAX_ELEMENTS) {
        diag_error(m->ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "%s needs more than %d elements", t->info->name,
                   MAX_ELEMENTS);
        return false;
    }
    for (uint32_t k = 0; k < t->rank; k++)
        if (!vec_push(m->ctx, &t->keys, at[k]))
            return false;
    *out = (uint32_t)t->value.n;
    if (!store_resize(m, &t->value, t->value.n + 1))
        return false;
    t->slot[i] = *out + 1;
    return true;
}

static term element_term(machine *m, const table *t, const int64_t *at)
{
    term index[SYM_MAX_RANK];
    for (uint32_t i = 0; i < t->rank; i++)
        index[i] = term_int(m->ctx, (long)at[i]);
    return t->info->role == ROLE_FUNCTION ? term_call(m->ctx, t->sym, NULL, index, t->rank)
                                          : term_acc(m->ctx, t->sym, index, t->rank);
}

/* ---- which rule -------------------------------------------------------------------------------------- */

typedef enum answer {
    ANSWER_NO,
    ANSWER_YES,
    ANSWER_STOP /* failure, m->needs, or the element's value is set */
} answer;

/* An integer that a rule states: node k. A value without an integer is passed on to the element. */
static answer stated(machine *m, instance *in, uint32_t k, state *element, int64_t *out)
{
    if (!walk(m, in, k))
        return ANSWER_STOP;
    const state *st = &in->st[k];
    if (st->kind == EV_NUM) {
        switch (m->dom->get_long(m, node_val(m, in, k), out)) {
        case 0:
            return ANSWER_YES;
        case 2:
            element->kind = EV_UNSURE;
            element->culprit = in->p->node[k].t;
            return ANSWER_STOP;
        default:
            fault_state(m, element, in->p->node[k].t, GRADUS_DOMAIN, "an index of a rule is not an integer");
            return ANSWER_STOP;
        }
    }
    if (st->kind == EV_PINF || st->kind == EV_NINF) {
        *out = st->kind == EV_PINF ? INT64_MAX : INT64_MIN;
        return ANSWER_YES;
    }
    element->kind = st->kind;
    element->culprit = st->culprit;
    return ANSWER_STOP;
}

/* The least and greatest fixed index of position i over the base rules. NO: there is none. */
static answer base_span(machine *m, table *t, uint32_t i, state *element, int64_t *lo, int64_t *hi)
{
    bool any = false;
    for (uint32_t k = 0; k < t->info->rule_count; k++) {
        int64_t at;
        if (t->rule[k].fixed[i] == NODE_NONE)
            continue;
        answer got = stated(m, t->rule[k].in, t->rule[k].fixed[i], element, &at);
        if (got != ANSWER_YES)
            return got;
        *lo = any && *lo < at ? *lo : at;
        *hi = any && *hi > at ? *hi : at;
        any = true;
    }
    return any ? ANSWER_YES : ANSWER_NO;
}

/* Is index `at` of position i within what rule r states? Where a general rule states no range, the base cases
 * are its end: an upward rule does not hold before them, a downward one not after. */
static answer in_range(machine *m, table *t, rule_run *r, uint32_t i, int64_t at, state *element)
{
    int64_t x, lo = 0, hi = 0;
    if (r->lo[i] != NODE_NONE) {
        answer got = stated(m, r->in, r->lo[i], element, &x);
        if (got != ANSWER_YES || at < x)
            return got == ANSWER_YES ? ANSWER_NO : got;
    }
    if (r->hi[i] != NODE_NONE) {
        answer got = stated(m, r->in, r->hi[i], element, &x);
        if (got != ANSWER_YES || at > x)
            return got == ANSWER_YES ? ANSWER_NO : got;
    }
    if (r->base || (r->lo[i] != NODE_NONE && !r->downward) || (r->hi[i] != NODE_NONE && r->downward))
        return ANSWER_YES;
    answer got = base_span(m, t, i, element, &lo, &hi);
    if (got != ANSWER_YES)
        return got == ANSWER_NO ? ANSWER_YES : got;
    return (r->downward ? at <= hi : at >= lo) ? ANSWER_YES : ANSWER_NO;
}

static answer rule_applies(machine *m, table *t, rule_run *r, const int64_t *at, state *element)
{
    for (uint32_t i = 0; i < t->rank; i++)
        if (r->formal[i] != NODE_NONE)
            r->in->formal[r->formal[i]] = at[i];
    r->in->slot_stamp[SLOT_FORMAL] = ++m->stamp;
    for (uint32_t i = 0; i < t->rank; i++) {
        answer got = ANSWER_YES;
        if (r->fixed[i] != NODE_NONE) {
            int64_t x;
            got = stated(m, r->in, r->fixed[i], element, &x);
            if (got == ANSWER_YES && x != at[i])
                got = ANSWER_NO;
        } else
            got = in_range(m, t, r, i, at[i], element);
        if (got != ANSWER_YES)
            return got;
    }
    return ANSWER_YES;
}

/* Base cases first, then the general rules, in the order in which they were written. */
static answer find_rule(machine *m, table *t, const int64_t *at, state *element, rule_run **out)
{
    for (int base = 1; base >= 0; base--)
        for (uint32_t k = 0; k < t->info->rule_count; k++) {
            rule_run *r = &t->rule[k];
            if (r->base != (base == 1))
                continue;
            answer got = rule_applies(m, t, r, at, element);
            if (got == ANSWER_YES)
                *out = r;
            if (got != ANSWER_NO)
                return got;
        }
    return ANSWER_NO;
}

/* ---- solving ----------------------------------------------------------------------------------------- */

typedef struct job {
    table *t;
    uint32_t element;
} job;

typedef VEC(job) job_vec;

static bool is_open(const state *st) { return st->kind == EV_NONE && st->strong != 0; }

/* Computes one element from those that are there. false: failure, or m->needs. */
static bool compute(machine *m, job j)
{
    table *t = j.t;
    int64_t at[SYM_MAX_RANK];
    state element = {0};
    rule_run *r = NULL;
    memcpy(at, &t->keys.at[j.element * t->rank], t->rank * sizeof *at);
    answer got = find_rule(m, t, at, &element, &r);
    if (got == ANSWER_STOP && element.kind == EV_NONE)
        return false;
    if (got == ANSWER_NO)
        fault_state(m, &element, element_term(m, t, at), GRADUS_DOMAIN,
                    "no rule of %s gives this element: its index is outside their ranges", t->info->name);
    if (got == ANSWER_YES) {
        if (!walk(m, r->in, r->body))
            return false;
        val_copy(m, store_val(m, &t->value, j.element), node_val(m, r->in, r->body));
        uint8_t kind = r->in->st[r->body].kind;
        if (kind == EV_TRUE || kind == EV_FALSE) {
            diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "a rule of %s is a condition, not a number",
                       t->info->name);
            return false;
        }
        return true;
    }
    element.strong = STRONG_NO;
    t->value.st[j.element] = element;
    return true;
}

/* The element that m->needs names, opened for work; or, when it is open already, a fault at the one that
 * asked. */
static bool open_needed(machine *m, job_vec *stack, const job *asking)
{
    table *t = m->tables.at[m->need_table];
    job j = {.t = t};
    m->needs = false;
    if (!make_rules(m, t) || !element_at(m, t, m->need_at, &j.element))
        return false;
    state *st = &t->value.st[j.element];
    if (is_open(st)) {
        state fault = {0};
        fault_state(m, &fault, element_term(m, t, m->need_at), GRADUS_DOMAIN, "this element needs itself");
        asking->t->value.st[asking->element] = fault;
        stack->n--;
        return true;
    }
    st->strong = 1;
    return vec_push(m->ctx, stack, j);
}

static bool solve(machine *m, uint32_t table_index, const int64_t *at)
{
    job_vec stack = {0};
    job none = {0};
    m->need_table = table_index;
    memcpy(m->need_at, at, m->tables.at[table_index]->rank * sizeof *at);
    bool ok = open_needed(m, &stack, &none);
    m->in_rule = true;
    while (ok && stack.n > 0) {
        job j = stack.at[stack.n - 1];
        if (!ctx_tick(m->ctx))
            ok = false;
        else if (compute(m, j))
            stack.n--;
        else
            ok = m->needs && open_needed(m, &stack, &j);
    }
    m->in_rule = false;
    m->needs = false;
    vec_clear(m->ctx, &stack);
    return ok;
}

bool recurrence_get(machine *m, instance *in, uint32_t n, const psym *s, const int64_t *at)
{
    table *t = m->tables.at[s->table];
    for (int attempt = 0; attempt < 2; attempt++) {
        uint32_t e;
        if (!make_rules(m, t) || !element_at(m, t, at, &e))
            return false;
        if (t->value.st[e].kind != EV_NONE) {
            val_copy(m, node_val(m, in, n), store_val(m, &t->value, e));
            return true;
        }
        if (m->in_rule) {
            m->needs = true;
            m->need_table = s->table;
            memcpy(m->need_at, at, t->rank * sizeof *at);
            return false;
        }
        if (!solve(m, s->table, at))
            return false;
    }
    diag_error(m->ctx, GRADUS_BUG, SPAN_NONE, NULL, "an element of %s was not filled in", t->info->name);
    return false;
}

/* ---- extents ----------------------------------------------------------------------------------------- */

bool recurrence_shape(machine *m, const psym *s, array_dims *d)
{
    table *t = m->tables.at[s->table];
    if (!make_rules(m, t))
        return false;
    d->rank = t->rank;
    for (uint32_t i = 0; i < t->rank; i++) {
        int64_t lo = INT64_MAX, hi = INT64_MIN;
        for (uint32_t k = 0; k < t->info->rule_count; k++) {
            rule_run *r = &t->rule[k];
            uint32_t ends[2] = {r->fixed[i] != NODE_NONE ? r->fixed[i] : r->lo[i],
                                r->fixed[i] != NODE_NONE ? r->fixed[i] : r->hi[i]};
            for (int end = 0; end < 2; end++) {
                state none = {0};
                int64_t x = 0;
                if (ends[end] == NODE_NONE || r->in->p->node[ends[end]].slot == SLOT_FORMAL ||
                    stated(m, r->in, ends[end], &none, &x) != ANSWER_YES) {
                    diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the range of %s is not stated",
                               t->info->name);
                    return false;
                }
                lo = x < lo ? x : lo;
                hi = x > hi ? x : hi;
            }
        }
        d->lo[i] = lo;
        d->size[i] = hi < lo ? 0 : hi - lo + 1;
    }
    return true;
}

void recurrence_round(machine *m)
{
    m->in_rule = m->needs = false;
    for (size_t i = 0; i < m->tables.n; i++) {
        table *t = m->tables.at[i];
        t->keys.n = 0;
        t->value.n = 0;
        if (t->slot)
            memset(t->slot, 0, t->slot_cap * sizeof *t->slot);
    }
}

void recurrence_clear(machine *m)
{
    for (size_t i = 0; i < m->tables.n; i++) {
        table *t = m->tables.at[i];
        vec_clear(m->ctx, &t->keys);
        ctx_realloc(m->ctx, t->slot, t->slot_cap * sizeof *t->slot, 0);
        store_clear(m, &t->value);
    }
    vec_clear(m->ctx, &m->tables);
}
