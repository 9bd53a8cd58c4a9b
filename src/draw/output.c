/* Pictures into memory and files. A file is written beside its place and renamed into it, so that a full
 * disk or a crash leaves what was there before; devices and pipes have no such place and are written
 * directly. */
#include "draw/ink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

bool draw_format_of(const char *path, draw_format *out)
{
    static const struct {
        const char *ending;
        draw_format format;
    } known[] = {{".svg", DRAW_SVG}, {".pdf", DRAW_PDF}, {".png", DRAW_PNG}};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n > 4 && strcasecmp(path + n - 4, known[i].ending) == 0) {
            *out = known[i].format;
            return true;
        }
    *out = DRAW_SVG;
    return strncmp(path, "/dev/", 5) == 0;
}

/* ---- SVG ----------------------------------------------------------------------------------------------- */

static void add_xml(strbuf *out, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '&': strbuf_add(out, "&amp;"); break;
        case '<': strbuf_add(out, "&lt;"); break;
        case '>': strbuf_add(out, "&gt;"); break;
        default: strbuf_addc(out, *s); break;
        }
    }
}

/* The number a surface has in this picture. Cairo counts them over the whole life of the process; numbered
 * anew in order of appearance, the picture depends on the figure alone: "surface12" becomes "surface1". */
enum { SURFACES_MOST = 64 };
typedef struct renumbering {
    long seen[SURFACES_MOST];
    size_t n;
} renumbering;

static size_t new_number(renumbering *r, long number)
{
    size_t k = 0;
    while (k < r->n && r->seen[k] != number) k++;
    if (k == r->n && k < SURFACES_MOST) r->seen[r->n++] = number;
    return k + 1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What Cairo writes out although it is the default of SVG, or has no effect on round joins. */
static size_t idle_length(const char *s, size_t n)
{
    static const char *const idle[] = {"fill-rule:nonzero;", "fill-opacity:1;", "stroke-opacity:1;",
                                       "stroke-linecap:butt;", "stroke-miterlimit:10;"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        size_t len = strlen(idle[i]);
        if (n >= len && memcmp(s, idle[i], len) == 0) return len;
    }
    return 0;
}

/* Copies Cairo's text with surfaces renumbered, numbers cut to hundredths of a point and idle words left
 * out: a third of the length. */
static void add_tidied(strbuf *out, const char *s, size_t n)
{
    static const char word[] = "surface";
    enum { LEN = sizeof word - 1, DECIMALS = 2 };
    renumbering r = {.n = 0};
    size_t from = 0;
    for (size_t i = 1; i + LEN < n; i++) {
        if (s[i] == '.' && is_digit(s[i - 1]) && is_digit(s[i + 1])) {
            size_t past = i + 1;
            while (past < n && is_digit(s[past])) past++;
            size_t keep = past - i - 1 < DECIMALS ? past : i + 1 + DECIMALS;
            while (s[keep - 1] == '0') keep--;
            keep -= s[keep - 1] == '.';
            strbuf_addn(out, s + from, keep - from);
            from = past;
            i = past - 1;
        } else if (memcmp(s + i, word, LEN) == 0 && is_digit(s[i + LEN])) {
            char *end;
            long number = strtol(s + i + LEN, &end, 10);
            strbuf_addn(out, s + from, i - from);
            strbuf_printf(out, "surface%zu", new_number(&r, number));
            from = (size_t)(end - s);
            i = from - 1;
        } else if ((s[i] == 'f' || s[i] == 's') && idle_length(s + i, n - i) > 0) {
            strbuf_addn(out, s + from, i - from);
            from = i + idle_length(s + i, n - i);
            i = from - 1;
        }
    }
    strbuf_addn(out, s + from, n - from);
}

/* What the picture is called when it has no title: by the first thing in it. */
static const char *figure_name(const draw_figure *fig)
{
    if (fig->o.title) return fig->o.title;
    if (fig->surf.label) return fig->surf.label;
    for (size_t i = 0; i < fig->items.n; i++)
        if (fig->items.at[i].label) return fig->items.at[i].label;
    return "Figure";
}

/* Puts the text alternative right after the opening tag, where readers of the screen look for it. */
static void add_svg(draw_figure *fig, strbuf *out, const strbuf *drawn)
{
    const char *s = strbuf_str(drawn), *tag = strstr(s, "<svg"), *end = tag ? strchr(tag, '>') : NULL;
    if (!end) {
        strbuf_addn(out, s, drawn->n);
        return;
    }
    strbuf words;
    strbuf_init(&words, fig->ctx);
    strbuf_addn(out, s, (size_t)(end - s));
    strbuf_add(out, " role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">");
    label_to_plain(&words, figure_name(fig), false);
    add_xml(out, strbuf_str(&words));
    strbuf_add(out, "</title>\n<desc id=\"desc\">");
    strbuf_clear(&words);
    if (fig->o.description) label_to_plain(&words, fig->o.description, false);
    else draw_describe(fig, &words);
    add_xml(out, strbuf_str(&words));
    strbuf_add(out, "</desc>");
    strbuf_clear(&words);
    add_tidied(out, end + 1, drawn->n - (size_t)(end + 1 - s));
}

/* ---- rendering ----------------------------------------------------------------------------------------- */

gradus_status draw_render(draw_figure *fig, draw_format format, strbuf *out)
{
    if (!fig) return GRADUS_NOMEM;
    gradus_status st = fig->refused ? fig->refused : ctx_status(fig->ctx);
    if (st != GRADUS_OK) return st;
    figure_resolve_styles(fig);
    strbuf title, drawn;
    ink *k;
    strbuf_init(&title, fig->ctx);
    strbuf_init(&drawn, fig->ctx);
    label_to_plain(&title, fig->o.title, false);
    st = ink_begin(fig->ctx, format, fig->o.width, fig->o.height, fig->o.png_scale, strbuf_str(&title), &k);
    if (st == GRADUS_OK) {
        gradus_status drawing = fig->surf.set && !fig->o.map ? space_draw(fig, k) : plane_draw(fig, k);
        st = ink_end(k, &drawn);
        st = drawing ? drawing : st;
    }
    if (st == GRADUS_OK && format == DRAW_SVG) add_svg(fig, out, &drawn);
    else if (st == GRADUS_OK) strbuf_addn(out, strbuf_str(&drawn), drawn.n);
    strbuf_clear(&title);
    strbuf_clear(&drawn);
    return st ? st : ctx_status(fig->ctx);
}

/* ---- files --------------------------------------------------------------------------------------------- */

static gradus_status io_error(gradus_ctx *ctx, const char *path, const char *what, int reason)
{
    return diag_error(ctx, GRADUS_IO, SPAN_NONE, NULL, "%s: %s: %s", path, what, strerror(reason));
}

/* 0, or the system's reason. Closes fd. */
static int write_all(int fd, const char *s, size_t n)
{
    int reason = 0;
    while (n > 0 && reason == 0) {
        ssize_t k = write(fd, s, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) {
            reason = errno;
        } else {
            s += k;
            n -= (size_t)k;
        }
    }
    if (close(fd) != 0 && reason == 0) reason = errno;
    return reason;
}

static gradus_status write_in_place(gradus_ctx *ctx, const char *path, const strbuf *b)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int reason = fd < 0 ? errno : write_all(fd, strbuf_str(b), b->n);
    return reason ? io_error(ctx, path, "cannot be written", reason) : GRADUS_OK;
}

static int open_beside(strbuf *name, const char *path, mode_t mode)
{
    int fd = -1;
    for (int i = 0; i < 100 && fd < 0; i++) {
        strbuf_clear(name);
        strbuf_printf(name, "%s.%ld-%d.part", path, (long)getpid(), i);
        fd = open(strbuf_str(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST) break;
    }
    return fd;
}

static gradus_status replace_file(gradus_ctx *ctx, const char *path, const strbuf *b, const struct stat *old)
{
    strbuf name;
    strbuf_init(&name, ctx);
    int fd = open_beside(&name, path, 0666);
    int reason = fd < 0 ? errno : 0;
    if (fd >= 0) {
        if (old) (void)!fchmod(fd, old->st_mode & 07777);
        reason = write_all(fd, strbuf_str(b), b->n);
        if (reason == 0 && rename(strbuf_str(&name), path) != 0) reason = errno;
        if (reason != 0) unlink(strbuf_str(&name));
    }
    strbuf_clear(&name);
    return reason ? io_error(ctx, path, "cannot be written", reason) : GRADUS_OK;
}

static gradus_status write_file(gradus_ctx *ctx, const char *path, const strbuf *b)
{
    struct stat old;
    bool there = stat(path, &old) == 0;
    if (there && S_ISDIR(old.st_mode)) return io_error(ctx, path, "cannot be written", EISDIR);
    if (there && !S_ISREG(old.st_mode)) return write_in_place(ctx, path, b);
    if (!there) return replace_file(ctx, path, b, NULL);
    /* A link stays a link: the file it names is replaced. */
    char *real = realpath(path, NULL);
    if (!real) return io_error(ctx, path, "cannot be written", errno);
    gradus_status st = access(real, W_OK) != 0 ? io_error(ctx, path, "cannot be written", errno)
                                               : replace_file(ctx, real, b, &old);
    free(real);
    return st;
}

gradus_status draw_write(draw_figure *fig, const char *path)
{
    draw_format format;
    if (!fig) return GRADUS_NOMEM;
    if (!draw_format_of(path, &format))
        return diag_error(fig->ctx, GRADUS_UNABLE, SPAN_NONE, "end the name in .svg, .pdf or .png",
                          "%s: the file's ending does not name a picture format", path);
    struct stat s;
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode))
        return io_error(fig->ctx, path, "cannot be written", EISDIR);
    strbuf b;
    strbuf_init(&b, fig->ctx);
    gradus_status st = draw_render(fig, format, &b);
    if (st == GRADUS_OK) st = write_file(fig->ctx, path, &b);
    strbuf_clear(&b);
    return st;
}
