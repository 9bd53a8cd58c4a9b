/* The double domain: plain arithmetic on the term as it stands, in display order, as compiled code would do
 * it.
 *
 * 1/0 is an infinity here, not a fault. A NaN that arises is a fault at the node where it arises. */
#include "eval/float_impl.h"

typedef struct facc {
    double value, sum;
    term_red red;
    int64_t best;
    bool first;
} facc;

static double *pay_at(const instance *in, uint32_t n) { return (double *)in->pay + n; }

/* ---- payloads ---------------------------------------------------------------------------------------- */

static void float_init(machine *m, void *pay, size_t count) { (void)m, (void)pay, (void)count; }
static void float_clear(machine *m, void *pay, size_t count) { (void)m, (void)pay, (void)count; }
static void float_copy(void *to, const void *from) { memcpy(to, from, sizeof(double)); }

static void float_machine_clear(machine *m)
{
    ctx_realloc(m->ctx, m->acc, m->acc_n * sizeof(facc), 0);
    m->acc = NULL;
    m->acc_n = 0;
    vec_clear(m->ctx, &m->fn_double);
}

double float_leaf_value(const gradus_ctx *ctx, term value)
{
    if (term_is_num(ctx, value))
        return num_fmpq_get_double(term_num(ctx, value));
    if (!term_is(ctx, value, OP_CONST))
        return -INFINITY;
    switch ((term_const)term_aux(ctx, value)) {
    case CONST_PI:
        return M_PI;
    case CONST_E:
        return M_E;
    default:
        return INFINITY;
    }
}

static void float_leaf(machine *m, instance *in, uint32_t n, term value)
{
    in->st[n].kind = EV_NUM;
    *pay_at(in, n) = float_leaf_value(m->ctx, value);
}

static void float_set_long(val v, int64_t k)
{
    v.st->kind = EV_NUM;
    *(double *)v.pay = (double)k;
}

static void float_set_double(val v, double x)
{
    v.st->kind = EV_NUM;
    *(double *)v.pay = x;
}

/* Conditions on doubles are always decided. */
static void float_set_unit(val v) { float_set_long(v, 0); }
static void float_join(machine *m, val to, val from) { (void)m, (void)to, (void)from; }

static int float_get_long(machine *m, val v, int64_t *k)
{
    double x = *(double *)v.pay;
    (void)m;
    if (x >= 9.2e18)
        return 3;
    if (x <= -9.2e18)
        return 4;
    if (x != floor(x))
        return 1;
    *k = (int64_t)x;
    return 0;
}

static void float_print(machine *m, val v, strbuf *b)
{
    (void)m;
    num_print_double(b, *(double *)v.pay);
}

/* ---- arithmetic -------------------------------------------------------------------------------------- */

double float_power(double b, const parg *a, double exponent)
{
    switch (a->kind) {
    case PARG_INT:
        return float_int_power(b, a->k < 0 ? -a->k : a->k);
    case PARG_HALF: {
        int32_t k = a->k < 0 ? -a->k : a->k;
        return k == 1 ? sqrt(b) : pow(b, 0.5 * k);
    }
    default:
        return pow(b, fabs(exponent));
    }
}

double float_int_power(double b, int32_t k)
{
    double r = b;
    if (k > FLOAT_MAX_REPEAT)
        return pow(b, (double)k);
    if (k == 0)
        return 1;
    for (int32_t i = 1; i < k; i++)
        r *= b;
    return r;
}

static double sum(const instance *in, const pnode *e)
{
    const parg *a = node_args(in->p, e);
    double s = *pay_at(in, a[0].node);
    for (uint32_t i = 1; i < e->count; i++) {
        double t = *pay_at(in, a[i].node);
        if (a[i].kind == PARG_INT)
            t = a[i].k == 1 ? t : a[i].k == -1 ? -t : a[i].k * t;
        else if (a[i].kind == PARG_INV)
            t /= a[i].k;
        else
            t *= *pay_at(in, a[i].num);
        s = i == 1 && s == 0 ? t : s + t;
    }
    return s;
}

static double product(const instance *in, const pnode *e)
{
    const parg *a = node_args(in->p, e);
    double num = 1, den = 1;
    bool has_num = false, has_den = false;
    for (uint32_t i = 0; i < e->count; i++) {
        double exponent = a[i].kind == PARG_RAT ? *pay_at(in, a[i].num) : a[i].k;
        double f = float_power(*pay_at(in, a[i].node), &a[i], exponent);
        if (a[i].negative) {
            den = has_den ? den * f : f;
            has_den = true;
        } else {
            num = has_num ? num * f : f;
            has_num = true;
        }
    }
    return has_den ? num / den : num;
}

static double function(machine *m, const instance *in, const pnode *e)
{
    const parg *a = node_args(in->p, e);
    if (!vec_reserve(m->ctx, &m->fn_double, e->count + 1))
        return NAN;
    for (uint32_t i = 0; i < e->count; i++)
        m->fn_double.at[i] = *pay_at(in, a[i].node);
    return fn_get((fn_id)e->user)->f(m->fn_double.at, (int)e->count);
}

/* ---- why a NaN --------------------------------------------------------------------------------------- */

static void blame_product(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *a = node_args(in->p, e);
    bool zero = false, inf = false;
    for (uint32_t i = 0; i < e->count; i++) {
        double b = *pay_at(in, a[i].node), exponent = a[i].kind == PARG_RAT ? *pay_at(in, a[i].num) : a[i].k;
        if (b < 0 && a[i].kind != PARG_INT && isnan(float_power(b, &a[i], exponent))) {
            fault_root(m, in, n, &a[i]);
            return;
        }
        zero = zero || b == 0;
        inf = inf || isinf(b);
    }
    if (zero && !inf)
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "0 divided by 0");
    else if (zero)
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "0 times infinity");
    else
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "infinity divided by infinity");
}

static void blame(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    switch ((term_op)e->op) {
    case OP_ADD:
        fault_set(m, in, n, e->t, GRADUS_DOMAIN, "infinity minus infinity");
        break;
    case OP_MUL:
        blame_product(m, in, n);
        break;
    case OP_POW:
        fault_set(m, in, n, e->t, GRADUS_DOMAIN,
                  "a power of a negative number whose exponent is not an integer");
        break;
    default:
        fault_domain(m, in, n);
    }
}

static void float_relation(instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const parg *arg = node_args(in->p, e);
    in->st[n].kind = float_compare((term_rel)e->aux, *pay_at(in, arg[0].node), *pay_at(in, arg[1].node))
                         ? EV_TRUE : EV_FALSE;
}

static void float_strict(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    double x;
    switch ((term_op)e->op) {
    case OP_ADD:
        x = sum(in, e);
        break;
    case OP_MUL:
        x = product(in, e);
        break;
    case OP_POW: {
        const parg *a = node_args(in->p, e);
        x = pow(*pay_at(in, a[0].node), *pay_at(in, a[1].node));
        break;
    }
    case OP_REL:
        float_relation(in, n);
        return;
    default:
        x = function(m, in, e);
    }
    in->st[n].kind = EV_NUM;
    *pay_at(in, n) = x;
    if (isnan(x))
        blame(m, in, n);
}

/* ---- reducers ---------------------------------------------------------------------------------------- */

static bool float_reduce_start(machine *m, uint32_t loop, term_red r)
{
    if (loop >= m->acc_n) {
        facc *acc = ctx_realloc(m->ctx, m->acc, m->acc_n * sizeof *acc, (loop + 4) * sizeof *acc);
        if (!acc)
            return false;
        m->acc = acc;
        m->acc_n = loop + 4;
    }
    ((facc *)m->acc)[loop] = (facc){.value = float_reduce_empty(r), .red = r, .first = true};
    return true;
}

static reduce_go float_reduce_add(machine *m, instance *in, uint32_t n, uint32_t loop, val body,
                                  int64_t index)
{
    facc *c = (facc *)m->acc + loop;
    double x = *(double *)body.pay;
    (void)in, (void)n;
    switch (c->red) {
    case RED_PROD:
        c->value = c->first ? x : c->value * x;
        break;
    case RED_MAX:
    case RED_ARGMAX:
        if (c->first || x > c->value)
            c->value = x, c->best = index;
        break;
    case RED_MIN:
    case RED_ARGMIN:
        if (c->first || x < c->value)
            c->value = x, c->best = index;
        break;
    case RED_LOGSUMEXP:
        float_lse_add(&c->value, &c->sum, x);
        break;
    default:
        c->value = c->first ? x : c->value + x;
    }
    c->first = false;
    return REDUCE_ON;
}

static void float_reduce_end(machine *m, instance *in, uint32_t n, uint32_t loop, int64_t count)
{
    const facc *c = (facc *)m->acc + loop;
    bool arg = c->red == RED_ARGMAX || c->red == RED_ARGMIN;
    if (count == 0 && (arg || c->red == RED_MEAN)) {
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "the range is empty");
        return;
    }
    double x = c->value;
    if (arg)
        x = (double)c->best;
    else if (c->red == RED_MEAN)
        x /= (double)count;
    else if (c->red == RED_LOGSUMEXP)
        x = float_lse_end(c->value, c->sum);
    in->st[n].kind = EV_NUM;
    *pay_at(in, n) = x;
    if (isnan(x))
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "infinity minus infinity, or 0 times infinity");
}

/* ---- matrices ---------------------------------------------------------------------------------------- */

static void float_matfn(machine *m, instance *in, uint32_t n, matrix *a)
{
    term_matfn f = (term_matfn)in->p->node[n].aux;
    size_t size = (size_t)a->size;
    float_lu lu;
    if (!float_lu_init(m->ctx, &lu, size))
        return;
    memcpy(lu.a, a->cell.pay, size * size * sizeof(double));
    bool regular = float_lu_factor(&lu);
    double x = f == MATFN_DET ? float_lu_det(&lu) : f == MATFN_LOGDET ? float_lu_logdet(&lu) : 0;
    in->st[n].kind = EV_NUM;
    *pay_at(in, n) = x;
    if (f == MATFN_INV && regular)
        float_lu_inverse(&lu, a->cell.pay);
    else if (f == MATFN_INV)
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "the matrix is singular: it has no inverse");
    else if (isnan(x))
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN,
                  "logarithm of a determinant that is not positive");
    float_lu_clear(m->ctx, &lu);
}

const domain float_domain = {
    .pay_size = sizeof(double),
    .pay_init = float_init,
    .pay_clear = float_clear,
    .pay_copy = float_copy,
    .machine_clear = float_machine_clear,
    .leaf = float_leaf,
    .strict = float_strict,
    .set_long = float_set_long,
    .set_double = float_set_double,
    .set_unit = float_set_unit,
    .get_long = float_get_long,
    .join = float_join,
    .reduce_start = float_reduce_start,
    .reduce_add = float_reduce_add,
    .reduce_end = float_reduce_end,
    .matfn = float_matfn,
    .print = float_print,
};
