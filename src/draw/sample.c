/* Sampling of curves. An even first pass finds the shape; then each interval is halved until the chord lies
 * within a fraction of a point of the curve, and what remains steep at the finest level is looked at by
 * bisection down to neighbouring doubles: a difference that shrinks is a steep but continuous piece, one
 * that stays is a jump or a pole, and the run ends there. Edges of the domain are found the same way.
 *
 *   base points:   o----o----o----o----o       runs: (first, n) into one array of points;
 *   refined:       o-o-ooooo-|  |--o---o             nothing is joined across their ends
 *
 * All decisions are made in points on paper (u to the right, v down), so zooming in refines. */
#include "draw/draw_impl.h"
#include "num/num.h"

#include <math.h>
#include <stdlib.h>

#define VALUE_MOST 1e300 /* larger values count as undefined: differences overflow  */
#define FLAT       0.12  /* points: largest distance of the curve from its chord     */
#define STEEP      1.5   /* points: a leaf that climbs less is never a jump           */
#define NEAR       1e-4  /* points: closeness to an edge that no eye can tell        */
#define PAPER_MOST 1e9   /* points: v is kept within, so that differences are finite */
enum { DEPTH_MOST = 6, HALVINGS_MOST = 220, REFINE_BUDGET = 40000, BISECT_BUDGET = 30000 };

typedef struct spot {
    double x, y, v; /* y NaN: undefined */
} spot;

typedef enum task_kind { TASK_SPAN, TASK_STOP, TASK_START } task_kind;

/* SPAN: join p to q, refining. STOP: the run ends (far: where it leaves for a pole). START: a run begins at
 * p. */
typedef struct task {
    task_kind kind;
    int depth;
    spot p, q, far;
    bool has_far;
    run_end end;
} task;

typedef struct sampler {
    gradus_ctx *ctx;
    draw_fn1 f;
    void *user;
    const window *w;
    samples *s;
    VEC(task) stack;
    long refinements, bisections;
    bool open; /* the last run may be continued */
    bool ok;
} sampler;

static double middle(double a, double b, bool by_ratio)
{
    return by_ratio && a > 0 ? sqrt(a) * sqrt(b) : a + (b - a) / 2;
}

static spot look(sampler *m, double x)
{
    spot p = {x, NAN, NAN};
    if (!ctx_tick(m->ctx)) {
        m->ok = false;
        return p;
    }
    double y = m->f(m->user, x);
    if (!(fabs(y) <= VALUE_MOST) || (m->w->y_log && y <= 0)) return p;
    double v = window_v(m->w, y);
    p.y = y;
    p.v = v > PAPER_MOST ? PAPER_MOST : v < -PAPER_MOST ? -PAPER_MOST : v;
    return p;
}

static bool is_defined(spot p)
{
    return p.y == p.y;
}

/* ---- runs ---------------------------------------------------------------------------------------------- */

static void begin_run(sampler *m, spot p, run_end left)
{
    m->ok = m->ok && vec_push(m->ctx, &m->s->runs, ((run){m->s->at.n, 0, left, END_PLAIN}));
    m->open = m->ok;
    if (m->ok && vec_push(m->ctx, &m->s->at, ((point2){p.x, p.y}))) m->s->runs.at[m->s->runs.n - 1].n++;
    else m->ok = false;
}

static void add_point(sampler *m, spot p)
{
    if (!m->open) {
        begin_run(m, p, END_PLAIN);
        return;
    }
    const point2 *last = &m->s->at.at[m->s->at.n - 1];
    if (last->x == p.x && last->y == p.y) return;
    m->ok = m->ok && vec_push(m->ctx, &m->s->at, ((point2){p.x, p.y}));
    m->s->runs.at[m->s->runs.n - 1].n += m->ok;
}

static void end_run(sampler *m, run_end right)
{
    if (m->open) m->s->runs.at[m->s->runs.n - 1].right = right;
    m->open = false;
}

static void push_task(sampler *m, task t)
{
    m->ok = m->ok && vec_push(m->ctx, &m->stack, t);
}

/* ---- edges of the domain ------------------------------------------------------------------------------- */

static bool in_frame(const sampler *m, double v)
{
    return v >= m->w->top - 1 && v <= m->w->top + m->w->height + 1;
}

/* Between `in` (defined) and `out` (not): *near the last defined spot no eye can tell from the edge, *far
 * the last one. */
static void find_edge(sampler *m, spot in, spot out, spot *near, spot *far)
{
    *near = in;
    bool close = false;
    for (int k = 0; k < HALVINGS_MOST && m->bisections < BISECT_BUDGET; k++, m->bisections++) {
        double x = in.x + (out.x - in.x) / 2;
        if (x == in.x || x == out.x || !m->ok) break;
        spot c = look(m, x);
        if (is_defined(c)) in = c;
        else out = c;
        if (!close) *near = in;
        close = close || fabs(window_u(m->w, in.x) - window_u(m->w, out.x)) < NEAR;
    }
    *far = in;
}

/* Whether the curve comes to p from the side of `toward` with a finite value: on the last hundredth of a
 * point it hardly moves. Several looks, so that an oscillation is not met twice in the same phase. */
static bool has_limit(sampler *m, spot p, double toward)
{
    static const double part[] = {0.01, 0.0057, 0.0031, 0.0013};
    double unit = fabs(window_x(m->w, m->w->left + 1) - window_x(m->w, m->w->left));
    bool settled = in_frame(m, p.v);
    for (int i = 0; i < 4 && settled; i++) {
        spot c = look(m, p.x + (toward > p.x ? part[i] : -part[i]) * unit);
        settled = is_defined(c) && fabs(c.v - p.v) < 1;
    }
    return settled;
}

static void split_at_edge(sampler *m, task t)
{
    bool rising = is_defined(t.p); /* the curve lies on the left */
    spot near, far;
    find_edge(m, rising ? t.p : t.q, rising ? t.q : t.p, &near, &far);
    /* Values outside the frame are drawn to the last one: a logarithm reaches the floor. Inside it they may
     * be rounding noise of 0/0, and the near one stands. */
    bool leaves = !in_frame(m, far.v);
    task stop = {.kind = rising ? TASK_STOP : TASK_START,
                 .p = near,
                 .far = {near.x, far.y, far.v},
                 .has_far = leaves,
                 .end = leaves || !has_limit(m, near, rising ? near.x - 1 : near.x + 1) ? END_PLAIN
                                                                                        : END_UNDEFINED};
    if (rising) {
        push_task(m, stop);
        push_task(m, (task){.kind = TASK_SPAN, .depth = t.depth, .p = t.p, .q = near});
    } else {
        push_task(m, (task){.kind = TASK_SPAN, .depth = t.depth, .p = near, .q = t.q});
        push_task(m, stop);
    }
}

/* ---- jumps and poles ----------------------------------------------------------------------------------- */

/* Bisects towards the greater difference. true: the difference between *l and *r, neighbours or nearly,
 * does not go away, or the function is undefined between them. */
static bool find_jump(sampler *m, spot *l, spot *r)
{
    double first = fabs(l->v - r->v);
    for (int k = 0; k < HALVINGS_MOST; k++, m->bisections++) {
        double x = l->x + (r->x - l->x) / 2;
        if (x == l->x || x == r->x || !m->ok) break;
        spot c = look(m, x);
        if (!is_defined(c)) return true;
        if (fabs(c.v - l->v) >= fabs(c.v - r->v)) *r = c;
        else *l = c;
        if (fabs(l->v - r->v) < 0.2 * first) return false;
    }
    return true;
}

static size_t digits_of(sampler *m, double x)
{
    strbuf b;
    strbuf_init(&b, m->ctx);
    num_print_double(&b, x);
    size_t n = b.n;
    strbuf_clear(&b);
    return n;
}

/* Past the budget for bisection only the gross case is recognised: a sign change taller than half the
 * frame. */
static bool is_gross(const sampler *m, spot p, spot q)
{
    return (p.y < 0) != (q.y < 0) && fabs(p.v - q.v) > m->w->height / 2;
}

static void join_leaf(sampler *m, spot p, spot q)
{
    add_point(m, p);
    if (fabs(p.v - q.v) > STEEP) {
        spot l = p, r = q;
        bool jump = m->bisections < BISECT_BUDGET ? find_jump(m, &l, &r) : is_gross(m, p, q);
        if (jump) {
            /* Of two neighbouring doubles the break is at the rounder one, and the value there is the
             * function's. */
            bool left_limit = has_limit(m, l, p.x - 1), right_limit = has_limit(m, r, q.x + 1);
            bool at_right = digits_of(m, r.x) <= digits_of(m, l.x);
            add_point(m, l);
            end_run(m, !left_limit ? END_PLAIN : at_right ? END_OPEN : END_CLOSED);
            begin_run(m, r, !right_limit ? END_PLAIN : at_right ? END_CLOSED : END_OPEN);
        }
    }
    add_point(m, q);
}

/* ---- refinement ---------------------------------------------------------------------------------------- */

/* All three far out on the same side: nothing of this is seen. */
static bool is_outside(const sampler *m, spot a, spot b, spot c)
{
    double above = m->w->top - m->w->height, below = m->w->top + 2 * m->w->height;
    return (a.v < above && b.v < above && c.v < above) || (a.v > below && b.v > below && c.v > below);
}

static void do_span(sampler *m, task t)
{
    if (t.p.x >= t.q.x) {
        add_point(m, t.p);
        return;
    }
    double x = middle(t.p.x, t.q.x, m->w->x_log);
    if (t.depth >= DEPTH_MOST || m->refinements >= REFINE_BUDGET || x <= t.p.x || x >= t.q.x) {
        join_leaf(m, t.p, t.q);
        return;
    }
    spot c = look(m, x);
    m->refinements++;
    if (is_defined(c)) {
        bool flat = fabs(c.v - (t.p.v + t.q.v) / 2) < FLAT && fabs(t.p.v - t.q.v) < 40;
        if (flat || is_outside(m, t.p, t.q, c)) {
            add_point(m, t.p);
            if (!flat) add_point(m, c);
            add_point(m, t.q);
            return;
        }
    }
    push_task(m, (task){.kind = TASK_SPAN, .depth = t.depth + 1, .p = c, .q = t.q});
    push_task(m, (task){.kind = TASK_SPAN, .depth = t.depth + 1, .p = t.p, .q = c});
}

static void do_task(sampler *m, task t)
{
    switch (t.kind) {
    case TASK_STOP:
        if (t.has_far && m->open) add_point(m, t.far);
        end_run(m, t.end);
        break;
    case TASK_START:
        begin_run(m, t.has_far ? t.far : t.p, t.end);
        add_point(m, t.p);
        break;
    case TASK_SPAN:
        if (is_defined(t.p) && is_defined(t.q)) do_span(m, t);
        else if (is_defined(t.p) || is_defined(t.q)) split_at_edge(m, t);
        else end_run(m, END_PLAIN);
        break;
    }
}

/* Two runs that meet at one undefined point leave a hole there: an open mark. Other edges carry none. */
static void mark_holes(sampler *m)
{
    samples *s = m->s;
    for (size_t i = 0; i < s->runs.n; i++) {
        run *a = &s->runs.at[i], *b = i + 1 < s->runs.n ? a + 1 : NULL;
        if (i == 0 && a->left == END_UNDEFINED) a->left = END_PLAIN;
        if (a->right != END_UNDEFINED) continue;
        double x = s->at.at[a->first + a->n - 1].x;
        bool hole = b && b->left == END_UNDEFINED &&
                    fabs(window_u(m->w, s->at.at[b->first].x) - window_u(m->w, x)) < 0.02;
        a->right = hole ? END_OPEN : END_PLAIN;
        if (b && b->left == END_UNDEFINED) b->left = hole ? END_OPEN : END_PLAIN;
    }
    for (size_t i = 0; i < s->runs.n; i++)
        if (s->runs.at[i].left == END_UNDEFINED) s->runs.at[i].left = END_PLAIN;
}

/* Of the points that fall into one half-point column first, lowest, highest and last are kept: dense
 * oscillation becomes the strip it would be anyway, and files stay small. */
static void thin_out(sampler *m)
{
    samples *s = m->s;
    size_t to = 0;
    for (size_t r = 0; r < s->runs.n; r++) {
        run *a = &s->runs.at[r];
        size_t from = a->first, past = a->first + a->n;
        a->first = to;
        while (from < past) {
            double column = floor(2 * window_u(m->w, s->at.at[from].x));
            size_t e = from, low = from, high = from;
            for (; e < past && floor(2 * window_u(m->w, s->at.at[e].x)) == column; e++) {
                low = s->at.at[e].y < s->at.at[low].y ? e : low;
                high = s->at.at[e].y > s->at.at[high].y ? e : high;
            }
            for (size_t i = from; i < e; i++)
                if (e - from <= 4 || i == from || i == e - 1 || i == low || i == high)
                    s->at.at[to++] = s->at.at[i];
            from = e;
        }
        a->n = to - a->first;
    }
    s->at.n = to;
}

bool sample_curve(gradus_ctx *ctx, draw_fn1 f, void *user, const window *w, samples *s)
{
    sampler m = {.ctx = ctx, .f = f, .user = user, .w = w, .s = s, .ok = true};
    s->at.n = s->runs.n = 0;
    for (size_t i = 0; i + 1 < s->base.n && m.ok; i++) {
        task t = {.kind = TASK_SPAN, .p = {s->base.at[i].x, s->base.at[i].y, NAN}};
        t.q = (spot){s->base.at[i + 1].x, s->base.at[i + 1].y, NAN};
        for (int side = 0; side < 2; side++) {
            spot *p = side ? &t.q : &t.p;
            if (w->y_log && p->y <= 0) p->y = NAN;
            double v = window_v(w, p->y);
            p->v = v > PAPER_MOST ? PAPER_MOST : v < -PAPER_MOST ? -PAPER_MOST : v;
        }
        push_task(&m, t);
        while (m.stack.n && m.ok) {
            task top = m.stack.at[--m.stack.n];
            do_task(&m, top);
        }
    }
    vec_clear(ctx, &m.stack);
    if (m.ok) {
        mark_holes(&m);
        thin_out(&m);
    }
    return m.ok;
}

/* ---- the first pass ------------------------------------------------------------------------------------ */

static double even_point(double a, double b, bool by_ratio, size_t i, size_t count)
{
    double t = (double)i / (double)count;
    if (i == 0 || i == count) return i == 0 ? a : b;
    return by_ratio ? exp((1 - t) * log(a) + t * log(b)) : a + (b - a) * t;
}

/* Jumps, poles and holes like to sit at round numbers, which even spacing may miss. */
bool sample_base(gradus_ctx *ctx, draw_fn1 f, void *user, double a, double b, bool x_log, size_t count,
                 samples *s)
{
    ticks t;
    bool round = !x_log && ticks_find(&t, (range){a, b}, false, 24);
    int64_t k = round ? t.first : 0;
    s->base.n = 0;
    double last = -INFINITY;
    for (size_t i = 0; i <= count;) {
        double x = even_point(a, b, x_log, i, count);
        double nice = round && k <= t.last ? ticks_value(&t, k) : INFINITY;
        if (nice <= x) {
            k++;
            i += nice == x;
            x = nice;
        } else {
            i++;
        }
        if (x < a || x > b || x <= last) continue;
        last = x;
        if (!ctx_tick(ctx)) return false;
        double y = f(user, x);
        if (!vec_push(ctx, &s->base, ((point2){x, fabs(y) <= VALUE_MOST ? y : NAN}))) return false;
    }
    return true;
}

static double climb_height(draw_fn1 f, void *user, double x, double sign)
{
    double y = sign * f(user, x);
    return isnan(y) ? -INFINITY : y;
}

/* Whether the heights go on growing towards c on some side, down to a few dozen doubles from it: the first
 * pass may have met the double next to a pole, above which there is nothing left to climb. A smooth peak is
 * flat there. */
static bool grows_towards(draw_fn1 f, void *user, double c, double gap, double sign)
{
    double least = 64 * (nextafter(fabs(c), INFINITY) - fabs(c)), close = fmax(ldexp(gap, -40), least);
    for (int side = -1; side <= 1; side += 2) {
        double far = climb_height(f, user, c + side * ldexp(close, 20), sign);
        if (far > 0 && climb_height(f, user, c + side * close, sign) > 1000 * far) return true;
    }
    return false;
}

/* Climbs from base point i between its neighbours. A thousandfold height is taken for no end of it: a
 * smooth peak that the first pass met so far down is narrower than anything a picture shows. */
bool sample_is_pole(draw_fn1 f, void *user, const samples *s, size_t i)
{
    double c = s->base.at[i].x, sign = s->base.at[i].y < 0 ? -1 : 1;
    double l = i > 0 ? s->base.at[i - 1].x : c, r = i + 1 < s->base.n ? s->base.at[i + 1].x : c;
    double height = fabs(s->base.at[i].y), limit = 1000 * height;
    if (grows_towards(f, user, c, fmax(c - l, r - c), sign)) return true;
    for (int k = 0; k < 60 && height > 0; k++) {
        double xl = l + (c - l) / 2, xr = c + (r - c) / 2;
        double hl = climb_height(f, user, xl, sign), hr = climb_height(f, user, xr, sign);
        if (fmax(hl, hr) > limit) return true;
        if (fmax(hl, hr) <= height) {
            l = xl;
            r = xr;
        } else if (hl >= hr) {
            r = c;
            c = xl;
            height = hl;
        } else {
            l = c;
            c = xr;
            height = hr;
        }
    }
    return false;
}
