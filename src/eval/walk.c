/* The walker: asks for the values of nodes, in the order in which they are needed, with a stack of its own.
 *
 * A visit looks at a node whose answer is wanted. It names the next node that must have a value first, or
 * makes the node's value. The rules of the language that speak of "not evaluated" live here: the strong zero
 * of brackets, cases, and/or, ranges of reducers. What an undefined or undecided operand does to the result
 * is the same for all numbers and lives here too: domains see only operands that have values. */
#include "eval/eval_impl.h"

/* What a visit answers besides a node number. */
enum { VISIT_DONE = NODE_NONE, VISIT_FAIL = NODE_NONE - 1 };

static const int64_t MAX_TERMS = INT64_C(1) << 40; /* of one reducer; ctx_tick stops it before */

void level_set(machine *m, instance *in, uint32_t level, int64_t value)
{
    in->level[level] = value;
    in->slot_stamp[level] = ++m->stamp;
}

static bool has_value(const state *st)
{
    return st->kind == EV_NUM || st->kind == EV_PINF || st->kind == EV_NINF;
}

/* Node n is as undefined or undecided as node k. */
static uint32_t pass(instance *in, uint32_t n, uint32_t k)
{
    state *to = &in->st[n], *from = &in->st[k];
    to->kind = from->kind;
    to->culprit = from->culprit;
    to->strong = STRONG_NO;
    return VISIT_DONE;
}

static uint32_t set_truth(instance *in, uint32_t n, bool truth)
{
    in->st[n].kind = truth ? EV_TRUE : EV_FALSE;
    in->st[n].strong = STRONG_NO;
    return VISIT_DONE;
}

static uint32_t set_number(machine *m, instance *in, uint32_t n, int64_t k)
{
    val v = node_val(m, in, n);
    v.st->kind = EV_NUM;
    v.st->strong = STRONG_NO;
    m->dom->set_long(v, k);
    return VISIT_DONE;
}

/* ---- strict nodes ------------------------------------------------------------------------------------ */

static uint32_t visit_strict(machine *m, instance *in, frame *f)
{
    const pnode *e = &in->p->node[f->node];
    const parg *a = node_args(in->p, e);
    for (; f->next < e->count; f->next++) {
        uint32_t k = a[f->next].node;
        if (!state_valid(in, k))
            return k;
        if (in->st[k].kind == EV_UNDEF)
            return pass(in, f->node, k);
        if (in->st[k].kind == EV_UNSURE && f->phase == 0)
            f->phase = k + 1;
    }
    if (f->phase)
        return pass(in, f->node, f->phase - 1);
    in->st[f->node].strong = STRONG_NO;
    m->dom->strict(m, in, f->node);
    if ((e->flags & PN_STRONG) && in->st[f->node].kind == EV_NUM) /* k times a bracket */
        in->st[f->node].strong = in->st[a[1].node].strong;
    return VISIT_DONE;
}

/* Phase 0: the factors that may be strong zeros; phase 1: all. */
static uint32_t visit_product(machine *m, instance *in, frame *f)
{
    const prog *p = in->p;
    const pnode *e = &p->node[f->node];
    const parg *a = node_args(p, e);
    for (; f->phase < 2; f->phase++, f->next = 0)
        for (; f->next < e->count; f->next++) {
            uint32_t k = a[f->next].node;
            bool strong = (p->node[k].flags & PN_STRONG) && !a[f->next].negative;
            if (f->phase == 0 && !strong)
                continue;
            if (!state_valid(in, k))
                return k;
            if (strong && in->st[k].kind == EV_NUM && in->st[k].strong == STRONG_YES) {
                set_number(m, in, f->node, 0);
                in->st[f->node].strong = STRONG_YES;
                return VISIT_DONE;
            }
        }
    uint32_t undefined = NODE_NONE, unsure = NODE_NONE, maybe = NODE_NONE;
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t k = a[i].node;
        const state *st = &in->st[k];
        if (st->kind == EV_UNDEF && undefined == NODE_NONE)
            undefined = k;
        if (st->kind == EV_UNSURE && unsure == NODE_NONE)
            unsure = k;
        if (st->kind == EV_NUM && st->strong == STRONG_MAYBE && !a[i].negative && maybe == NODE_NONE)
            maybe = k;
    }
    if (undefined != NODE_NONE && maybe == NODE_NONE && unsure == NODE_NONE)
        return pass(in, f->node, undefined);
    if (undefined != NODE_NONE || unsure != NODE_NONE) {
        uint32_t who = unsure != NODE_NONE ? unsure : maybe;
        unsure_set(m, in, f->node, unsure != NODE_NONE ? in->st[who].culprit : p->node[who].t);
        return VISIT_DONE;
    }
    in->st[f->node].strong = STRONG_NO;
    m->dom->strict(m, in, f->node);
    if (maybe != NODE_NONE) {
        if (in->st[f->node].kind == EV_NUM)
            in->st[f->node].strong = STRONG_MAYBE;
        else /* perhaps 0 after all */
            unsure_set(m, in, f->node, p->node[maybe].t);
    }
    return VISIT_DONE;
}

/* 1, 0 (strong), or, undecided, the numbers from 0 to 1. */
static uint32_t visit_bracket(machine *m, instance *in, frame *f)
{
    uint32_t n = f->node, c = node_args(in->p, &in->p->node[n])->node;
    if (!state_valid(in, c))
        return c;
    switch (in->st[c].kind) {
    case EV_TRUE:
        return set_number(m, in, n, 1);
    case EV_FALSE:
        set_number(m, in, n, 0);
        in->st[n].strong = STRONG_YES;
        return VISIT_DONE;
    case EV_UNSURE:
        set_number(m, in, n, 0);
        m->dom->set_unit(node_val(m, in, n));
        in->st[n].strong = STRONG_MAYBE;
        in->st[n].culprit = in->st[c].culprit;
        return VISIT_DONE;
    default:
        return pass(in, n, c);
    }
}

/* ---- conditions -------------------------------------------------------------------------------------- */

static uint32_t visit_not(instance *in, frame *f)
{
    uint32_t c = node_args(in->p, &in->p->node[f->node])->node;
    if (!state_valid(in, c))
        return c;
    uint8_t kind = in->st[c].kind;
    if (kind == EV_TRUE || kind == EV_FALSE)
        return set_truth(in, f->node, kind == EV_FALSE);
    return pass(in, f->node, c);
}

/* One false decides an `and`, whatever the others are; one true an `or`. */
static uint32_t visit_logic(instance *in, frame *f, eval_kind decides)
{
    const pnode *e = &in->p->node[f->node];
    const parg *a = node_args(in->p, e);
    for (; f->next < e->count; f->next++) {
        uint32_t k = a[f->next].node;
        if (!state_valid(in, k))
            return k;
        if (in->st[k].kind == decides)
            return set_truth(in, f->node, decides == EV_TRUE);
        if (in->st[k].kind == EV_UNSURE && (f->phase == 0 || in->st[f->phase - 1].kind != EV_UNSURE))
            f->phase = k + 1; /* what is undecided may yet decide: it outranks what is undefined */
        if (in->st[k].kind == EV_UNDEF && f->phase == 0)
            f->phase = k + 1;
    }
    return f->phase ? pass(in, f->node, f->phase - 1) : set_truth(in, f->node, decides == EV_FALSE);
}

/* ---- cases ------------------------------------------------------------------------------------------- */

/* Value k is one of those that node f may have; the first is taken, further ones widen it. */
static void merge_case(machine *m, instance *in, frame *f, uint32_t k)
{
    val to = node_val(m, in, f->node), from = node_val(m, in, k);
    if (f->phase++ == 0) {
        val_copy(m, to, from);
        to.st->strong = STRONG_NO;
    } else if (to.st->kind == EV_NUM && from.st->kind == EV_NUM)
        m->dom->join(m, to, from);
    else if (to.st->kind != EV_UNDEF || from.st->kind != EV_UNDEF)
        unsure_set(m, in, f->node, f->loop); /* the first condition that was not decided */
}

static uint32_t visit_cases(machine *m, instance *in, frame *f)
{
    const prog *p = in->p;
    const pnode *e = &p->node[f->node];
    const parg *a = node_args(p, e);
    for (; f->next + 1 < e->count; f->next += 2) {
        uint32_t c = a[f->next].node, v = a[f->next + 1].node;
        if (!state_valid(in, c))
            return c;
        uint8_t kind = in->st[c].kind;
        if (kind == EV_FALSE)
            continue;
        if (kind == EV_UNDEF) {
            if (f->phase)
                unsure_set(m, in, f->node, f->loop);
            else
                pass(in, f->node, c);
            return VISIT_DONE;
        }
        if (kind == EV_UNSURE && !f->loop)
            f->loop = in->st[c].culprit;
        if (!state_valid(in, v))
            return v;
        merge_case(m, in, f, v);
        if (kind == EV_TRUE)
            return VISIT_DONE;
    }
    if (f->next < e->count) {
        uint32_t v = a[f->next].node;
        if (!state_valid(in, v))
            return v;
        merge_case(m, in, f, v);
    } else if (f->phase)
        unsure_set(m, in, f->node, f->loop);
    else
        fault_set(m, in, f->node, e->t, GRADUS_DOMAIN, "none of the cases applies");
    return VISIT_DONE;
}

/* ---- reducers ---------------------------------------------------------------------------------------- */

/* An end of a range. false: node n has been set. */
static bool range_end(machine *m, instance *in, uint32_t n, uint32_t k, int64_t *out)
{
    if (!has_value(&in->st[k])) {
        pass(in, n, k);
        return false;
    }
    switch (m->dom->get_long(m, node_val(m, in, k), out)) {
    case 0:
        return true;
    case 1:
        fault_set(m, in, n, in->p->node[k].t, GRADUS_DOMAIN, "an end of the range is not an integer");
        return false;
    case 2:
        unsure_set(m, in, n, in->p->node[k].t);
        return false;
    default:
        fault_set(m, in, n, in->p->node[n].t, GRADUS_UNABLE,
                  "the range is not finite: it has no last term to add");
        return false;
    }
}

static uint32_t finish_reduce(machine *m, instance *in, frame *f)
{
    loop_record *r = &m->loops.at[f->loop];
    state *st = &in->st[f->node];
    st->strong = STRONG_NO;
    if (r->has_pending) {
        st->kind = r->pending.kind;
        st->culprit = r->pending.culprit;
    } else
        m->dom->reduce_end(m, in, f->node, f->loop, r->count);
    m->loops.n--;
    return VISIT_DONE;
}

static bool start_reduce(machine *m, instance *in, frame *f, uint32_t *answer)
{
    const pnode *e = &in->p->node[f->node];
    const parg *a = node_args(in->p, e);
    loop_record r = {0};
    for (uint32_t i = 1; i <= 2; i++)
        if (!state_valid(in, a[i].node)) {
            *answer = a[i].node;
            return false;
        }
    *answer = VISIT_DONE;
    if (!range_end(m, in, f->node, a[1].node, &r.at) || !range_end(m, in, f->node, a[2].node, &r.hi))
        return false;
    if (r.hi >= r.at && (uint64_t)r.hi - (uint64_t)r.at >= (uint64_t)MAX_TERMS) {
        fault_set(m, in, f->node, e->t, GRADUS_UNABLE, "the range has too many terms");
        return false;
    }
    r.count = r.hi < r.at ? 0 : r.hi - r.at + 1;
    f->loop = (uint32_t)m->loops.n;
    f->phase = 1;
    if (!vec_push(m->ctx, &m->loops, r) || !m->dom->reduce_start(m, f->loop, (term_red)e->aux)) {
        *answer = VISIT_FAIL;
        return false;
    }
    if (r.count == 0)
        finish_reduce(m, in, f);
    else
        level_set(m, in, in->p->node[a[0].node].aux, r.at);
    return r.count != 0;
}

static uint32_t visit_reduce(machine *m, instance *in, frame *f)
{
    const prog *p = in->p;
    const pnode *e = &p->node[f->node];
    const parg *a = node_args(p, e);
    uint32_t answer, body = a[3].node, level = p->node[a[0].node].aux;
    if (f->phase == 0 && !start_reduce(m, in, f, &answer))
        return answer;
    bool strong = e->aux == RED_PROD && (p->node[body].flags & PN_STRONG);
    for (;;) {
        if (!state_valid(in, body))
            return body;
        loop_record *r = &m->loops.at[f->loop];
        state *st = &in->st[body];
        if (has_value(st)) {
            if (strong && st->strong == STRONG_YES) {
                m->loops.n--;
                set_number(m, in, f->node, 0);
                in->st[f->node].strong = STRONG_YES;
                return VISIT_DONE;
            }
            if (m->dom->reduce_add(m, in, f->node, f->loop, node_val(m, in, body), r->at) == REDUCE_STOP) {
                m->loops.n--;
                return VISIT_DONE;
            }
        } else if (strong) {
            if (!r->has_pending)
                r->pending = *st;
            r->has_pending = true;
        } else {
            m->loops.n--;
            return pass(in, f->node, body);
        }
        if (r->at == r->hi)
            return finish_reduce(m, in, f);
        level_set(m, in, level, ++r->at);
        if (!ctx_tick(m->ctx))
            return VISIT_FAIL;
    }
}

/* ---- elements ---------------------------------------------------------------------------------------- */

/* The integer at argument node k, which is valid. false: node n has been set. */
static bool index_at(machine *m, instance *in, uint32_t n, uint32_t k, int64_t *out)
{
    if (!has_value(&in->st[k])) {
        pass(in, n, k);
        return false;
    }
    int answer = m->dom->get_long(m, node_val(m, in, k), out);
    if (answer == 0)
        return true;
    if (answer == 2) {
        unsure_set(m, in, n, in->p->node[k].t);
        return false;
    }
    strbuf b;
    strbuf_init(&b, m->ctx);
    if (answer == 1)
        m->dom->print(m, node_val(m, in, k), &b);
    else
        strbuf_add(&b, answer == 3 ? "inf" : "-inf");
    fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "index %s is not an integer", strbuf_str(&b));
    strbuf_clear(&b);
    return false;
}

/* Indices in arguments [from, from + rank) of node n. VISIT_DONE with *ok false: node n has been set. */
static uint32_t read_indices(machine *m, instance *in, frame *f, uint32_t from, uint32_t rank, int64_t *at,
                             bool *ok)
{
    const pnode *e = &in->p->node[f->node];
    const parg *a = node_args(in->p, e);
    *ok = false;
    if (rank > SYM_MAX_RANK) {
        diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "more than %d indices", SYM_MAX_RANK);
        return VISIT_FAIL;
    }
    for (; f->next < rank; f->next++)
        if (!state_valid(in, a[from + f->next].node))
            return a[from + f->next].node;
    for (uint32_t i = 0; i < rank; i++)
        if (!index_at(m, in, f->node, a[from + i].node, &at[i]))
            return VISIT_DONE;
    *ok = true;
    return VISIT_DONE;
}

/* Phase 0: indices, then the array; phase 1: node f->loop has the element. */
static uint32_t visit_element(machine *m, instance *in, frame *f)
{
    const pnode *e = &in->p->node[f->node];
    const parg *a = node_args(in->p, e);
    if (f->phase == 0) {
        int64_t at[SYM_MAX_RANK];
        bool ok;
        uint32_t need, answer = read_indices(m, in, f, 1, e->count - 1, at, &ok);
        if (answer != VISIT_DONE || !ok)
            return answer;
        in->st[f->node].strong = STRONG_NO;
        switch (array_element(m, in, f->node, a[0].node, at, e->count - 1, &need)) {
        case ARRAY_DONE:
            return VISIT_DONE;
        case ARRAY_NEEDS:
            return need;
        case ARRAY_FAIL:
            return VISIT_FAIL;
        case ARRAY_NODE:
            f->phase = 1;
            f->loop = need;
        }
    }
    if (!state_valid(in, f->loop))
        return f->loop;
    val_copy(m, node_val(m, in, f->node), node_val(m, in, f->loop));
    return VISIT_DONE;
}

static uint32_t visit_call(machine *m, instance *in, frame *f)
{
    const pnode *e = &in->p->node[f->node];
    int64_t at[SYM_MAX_RANK];
    bool ok;
    uint32_t answer = read_indices(m, in, f, 0, e->count, at, &ok);
    if (answer != VISIT_DONE || !ok)
        return answer;
    in->st[f->node].strong = STRONG_NO;
    return recurrence_get(m, in, f->node, &in->p->sym[e->user], at) ? VISIT_DONE : VISIT_FAIL;
}

static uint32_t visit_extent(machine *m, instance *in, frame *f)
{
    const parg *a = node_args(in->p, &in->p->node[f->node]);
    array_dims d;
    bool fault;
    uint32_t need;
    switch (array_shape(m, in, f->node, a[0].node, &d, &fault, &need)) {
    case ARRAY_NEEDS:
    case ARRAY_NODE:
        return need;
    case ARRAY_FAIL:
        return VISIT_FAIL;
    case ARRAY_DONE:
        break;
    }
    long axis = 0;
    if (fault)
        return VISIT_DONE;
    if (!term_get_long(m->ctx, in->p->node[a[1].node].t, &axis) || axis < 1 || axis > (long)d.rank) {
        diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "an array with %u axes has no axis %ld", d.rank,
                   axis);
        return VISIT_FAIL;
    }
    return set_number(m, in, f->node, d.size[axis - 1]);
}

/* ---- matrices ---------------------------------------------------------------------------------------- */

static matrix *matrix_of(machine *m, instance *in, uint32_t n)
{
    if (!in->mats)
        in->mats = arena_alloc(&m->mem, in->p->n * sizeof *in->mats);
    if (in->mats && !in->mats[n])
        in->mats[n] = arena_alloc(&m->mem, sizeof **in->mats);
    return in->mats ? in->mats[n] : NULL;
}

/* DONE: the matrix is empty and of the right size, or (false in *ok) node n has been set. */
static uint32_t start_matrix(machine *m, instance *in, frame *f, bool *ok)
{
    uint32_t a = node_args(in->p, &in->p->node[f->node])->node, need;
    array_dims d;
    bool fault;
    *ok = false;
    switch (array_shape(m, in, f->node, a, &d, &fault, &need)) {
    case ARRAY_NEEDS:
    case ARRAY_NODE:
        return need;
    case ARRAY_FAIL:
        return VISIT_FAIL;
    case ARRAY_DONE:
        break;
    }
    if (fault)
        return VISIT_DONE;
    if (d.rank != 2 || d.size[0] != d.size[1] || d.size[0] < 0 || d.size[0] > 20000) {
        if (d.rank == 2)
            diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
                       "a square matrix is needed, this one has %lld rows and "
                       "%lld columns",
                       (long long)d.size[0], (long long)d.size[1]);
        else
            diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "a square matrix is needed, this has %u axes",
                       d.rank);
        return VISIT_FAIL;
    }
    matrix *mat = matrix_of(m, in, f->node);
    if (!mat || !store_resize(m, &mat->cell, (size_t)(d.size[0] * d.size[0])))
        return VISIT_FAIL;
    mat->size = d.size[0];
    memcpy(mat->lo, d.lo, sizeof mat->lo);
    mat->done = 0;
    *ok = true;
    return VISIT_DONE;
}

/* Phase 0: the size; 1: entry number `done`; 2: that entry is node f->loop. */
static uint32_t visit_matrix(machine *m, instance *in, frame *f)
{
    uint32_t n = f->node, a = node_args(in->p, &in->p->node[n])->node, need;
    if (f->phase == 0) {
        bool ok;
        uint32_t answer = start_matrix(m, in, f, &ok);
        if (answer != VISIT_DONE || !ok)
            return answer;
        f->phase = 1;
    }
    matrix *mat = in->mats[n];
    in->st[n].strong = STRONG_NO;
    while (mat->done < mat->size * mat->size) {
        uint32_t from = n;
        if (f->phase == 1) {
            int64_t at[2] = {mat->lo[0] + mat->done / mat->size, mat->lo[1] + mat->done % mat->size};
            array_answer answer = array_element(m, in, n, a, at, 2, &need);
            f = &m->stack.at[m->stack.n - 1]; /* a nested walk may have moved the stack */
            if (answer == ARRAY_FAIL)
                return VISIT_FAIL;
            if (answer == ARRAY_NEEDS)
                return need;
            if (answer == ARRAY_NODE) {
                f->phase = 2;
                f->loop = need;
            }
        }
        if (f->phase == 2) {
            from = f->loop;
            if (!state_valid(in, from))
                return from;
            f->phase = 1;
        }
        if (in->st[from].kind == EV_UNDEF || in->st[from].kind == EV_UNSURE)
            return pass(in, n, from);
        if (in->st[from].kind != EV_NUM) {
            fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "an entry of the matrix is not finite");
            return VISIT_DONE;
        }
        val_copy(m, store_val(m, &mat->cell, (size_t)mat->done++), node_val(m, in, from));
        if (!ctx_tick(m->ctx))
            return VISIT_FAIL;
    }
    m->dom->matfn(m, in, n, mat);
    return ctx_status(m->ctx) == GRADUS_OK ? VISIT_DONE : VISIT_FAIL;
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

static uint32_t visit(machine *m, instance *in, frame *f)
{
    const pnode *e = &in->p->node[f->node];
    switch ((term_op)e->op) {
    case OP_BOUND:
        return set_number(m, in, f->node, in->level[e->aux]);
    case OP_SYM:
        if (e->slot == SLOT_FORMAL)
            return set_number(m, in, f->node, in->formal[e->user]);
        break;
    case OP_MUL:
        return e->flags & PN_LAZY ? visit_product(m, in, f) : visit_strict(m, in, f);
    case OP_ADD:
    case OP_POW:
    case OP_FN:
    case OP_REL:
        return visit_strict(m, in, f);
    case OP_BRACKET:
        return visit_bracket(m, in, f);
    case OP_NOT:
        return visit_not(in, f);
    case OP_AND:
        return visit_logic(in, f, EV_FALSE);
    case OP_OR:
        return visit_logic(in, f, EV_TRUE);
    case OP_CASES:
        return visit_cases(m, in, f);
    case OP_REDUCE:
        return visit_reduce(m, in, f);
    case OP_ACC:
        return visit_element(m, in, f);
    case OP_CALL:
        return visit_call(m, in, f);
    case OP_EXTENT:
        return visit_extent(m, in, f);
    case OP_MATFN:
        return visit_matrix(m, in, f);
    default:
        break;
    }
    diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "an array stands where a number is needed");
    return VISIT_FAIL;
}

bool walk(machine *m, instance *in, uint32_t n)
{
    size_t base = m->stack.n, loops = m->loops.n;
    if (state_valid(in, n))
        return true;
    if (!vec_push(m->ctx, &m->stack, ((frame){.node = n})))
        return false;
    while (m->stack.n > base) {
        frame *f = &m->stack.at[m->stack.n - 1];
        uint32_t k = ctx_tick(m->ctx) ? visit(m, in, f) : VISIT_FAIL;
        if (k == VISIT_DONE) {
            /* A nested walk may have moved the stack. */
            in->st[m->stack.at[m->stack.n - 1].node].stamp = m->stamp;
            m->stack.n--;
        } else if (k == VISIT_FAIL || !vec_push(m->ctx, &m->stack, ((frame){.node = k}))) {
            m->stack.n = base;
            m->loops.n = loops;
            return false;
        }
    }
    return true;
}
