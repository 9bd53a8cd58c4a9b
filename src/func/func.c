/* The table itself and the search by name. Row FN_NONE is empty; rows are in the order of func.def. */
#include "func/func_impl.h"

#include <string.h>

static const fn_row rows[FN_COUNT] = {
#define FUNC(id, ...) [FN_##id] = { __VA_ARGS__, .f = func_double_##id, .ball = func_ball_##id },
#include "func/func.def"
#undef FUNC
};

const fn_row *fn_get(fn_id id)
{
    return &rows[id];
}

/* Takes the next blank-separated word of *list; its length, 0 at the end. */
static size_t next_word(const char **list, const char **word)
{
    const char *s = *list;
    while (*s == ' ')
        s++;
    *word = s;
    while (*s && *s != ' ')
        s++;
    *list = s;
    return (size_t)(s - *word);
}

static bool has_alias(const char *aliases, const char *name, size_t n)
{
    const char *word;
    size_t len;
    while ((len = next_word(&aliases, &word)) != 0)
        if (len == n && memcmp(word, name, n) == 0)
            return true;
    return false;
}

/* A scan of the rows: below a microsecond, needs no index that could go stale. The test of the first
 * letter settles most rows; no function has a name of one letter, which settles most variables. */
fn_id fn_find(const char *name, size_t n)
{
    if (n < 2)
        return FN_NONE;
    for (int id = 1; id < FN_COUNT; id++) {
        const fn_row *r = &rows[id];
        if (r->name[0] == name[0] && strlen(r->name) == n && memcmp(r->name, name, n) == 0)
            return (fn_id)id;
    }
    for (int id = 1; id < FN_COUNT; id++)
        if (rows[id].aliases && has_alias(rows[id].aliases, name, n))
            return (fn_id)id;
    return FN_NONE;
}

enum { LONGEST = 24, FAR = 99 };

static int min3(int a, int b, int c)
{
    int m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edit distance (insert, delete, replace, exchange of neighbours) of two words of at most LONGEST bytes. */
static int distance(const char *a, size_t na, const char *b, size_t nb)
{
    int row[3][LONGEST + 1];
    if (na > LONGEST || nb > LONGEST)
        return FAR;
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = min3(up[j] + 1, now[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 1 < now[j])
                now[j] = up2[j - 2] + 1;
        }
    }
    return row[na % 3][nb];
}

/* Short names are near to everything: up to 4 letters one slip is allowed, from 5 on two. */
const char *fn_find_similar(const char *name, size_t n)
{
    const char *best = NULL;
    int best_d = n < 2 ? 0 : n < 5 ? 2 : 3; /* a candidate must be nearer than this */
    for (int id = 1; id < FN_COUNT; id++) {
        const char *lists[2] = { rows[id].name, rows[id].aliases ? rows[id].aliases : "" };
        for (int k = 0; k < 2; k++) {
            const char *list = lists[k], *word;
            size_t len;
            while ((len = next_word(&list, &word)) != 0) {
                int d = distance(name, n, word, len);
                if (d < best_d) {
                    best_d = d;
                    best = rows[id].name;
                }
            }
        }
    }
    return best;
}
