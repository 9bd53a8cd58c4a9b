/* Writing files: complete or not at all. */
#include "data/data.h"
#include "support/cm.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct place {
    gradus_ctx *ctx;
    char folder[64], path[80];
} place;

static int begin(void **state)
{
    static place p;
    p.ctx = ctx_new(NULL, NULL);
    strcpy(p.folder, "/tmp/gradus-file-XXXXXX");
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.path, sizeof p.path, "%s/out.csv", p.folder);
    *state = &p;
    return 0;
}

static int end(void **state)
{
    place *p = *state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    ctx_free(p->ctx);
    return system(command);
}

static char *content(const char *path)
{
    static char text[100];
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static int count_files(const char *folder)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void writes_and_replaces(void **state)
{
    place *p = *state;
    assert_int_equal(data_file_write(p->ctx, p->path, "first", 5), GRADUS_OK);
    assert_string_equal(content(p->path), "first");
    assert_int_equal(chmod(p->path, 0640), 0);
    assert_int_equal(data_file_write(p->ctx, p->path, "second one", 10), GRADUS_OK);
    assert_string_equal(content(p->path), "second one");
    struct stat about;
    assert_int_equal(stat(p->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640); /* permissions stay */
    assert_int_equal(data_file_write(p->ctx, p->path, "", 0), GRADUS_OK);
    assert_string_equal(content(p->path), "");
    assert_int_equal(count_files(p->folder), 1); /* nothing is left beside it */
}

static void large_files_are_whole(void **state)
{
    place *p = *state;
    size_t n = 20000000;
    char *text = test_malloc(n);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(i * 7 % 251);
    assert_int_equal(data_file_write(p->ctx, p->path, text, n), GRADUS_OK);
    FILE *f = fopen(p->path, "rb");
    char *back = test_malloc(n + 1);
    assert_int_equal(fread(back, 1, n + 1, f), n);
    assert_memory_equal(text, back, n);
    fclose(f);
    test_free(text), test_free(back);
}

static void links_stay_links(void **state)
{
    place *p = *state;
    char link[100];
    snprintf(link, sizeof link, "%s/link", p->folder);
    data_file_write(p->ctx, p->path, "a", 1);
    assert_int_equal(symlink(p->path, link), 0);
    assert_int_equal(data_file_write(p->ctx, link, "b", 1), GRADUS_OK);
    assert_string_equal(content(p->path), "b");
    struct stat about;
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
}

static void failures_are_said(void **state)
{
    place *p = *state;
    assert_int_equal(data_file_write(p->ctx, "/dev/full", "text", 4), GRADUS_IO);
    assert_string_equal(diag_first_error(p->ctx)->message,
                        "cannot write /dev/full: no space is left on the device");
    ctx_begin(p->ctx);
    assert_int_equal(data_file_write(p->ctx, p->folder, "text", 4), GRADUS_IO);
    assert_non_null(strstr(diag_first_error(p->ctx)->message, "it is a folder, not a file"));
    ctx_begin(p->ctx);
    char path[100];
    snprintf(path, sizeof path, "%s/none/out", p->folder);
    assert_int_equal(data_file_write(p->ctx, path, "text", 4), GRADUS_IO);
    assert_non_null(strstr(diag_first_error(p->ctx)->message, "there is no such file or folder"));
    ctx_begin(p->ctx);
    assert_int_equal(data_file_write(p->ctx, "/dev/null", "text", 4), GRADUS_OK);
}

/* A disk that fills half way: the shell limits the size of files, in blocks of 512 or 1024 bytes. */
static void a_full_disk_keeps_the_old_file(void **state)
{
    place *p = *state;
    assert_int_equal(data_file_write(p->ctx, p->path, "old", 3), GRADUS_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char self[300], path[100];
        ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
        self[n > 0 ? n : 0] = '\0';
        snprintf(path, sizeof path, "%s", p->path);
        execl("/bin/sh", "sh", "-c",
            "trap '' XFSZ; ulimit -f 8; exec \"$0\" fill \"$1\"", self, path, (char *)NULL);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), GRADUS_IO);
    assert_string_equal(content(p->path), "old");
    assert_int_equal(count_files(p->folder), 1);
}

/* What the child above does. */
static int fill(const char *path)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    static char text[100000];
    gradus_status s = data_file_write(ctx, path, text, sizeof text);
    ctx_free(ctx);
    return (int)s;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "fill") == 0)
        return fill(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_replaces, begin, end),
        cmocka_unit_test_setup_teardown(large_files_are_whole, begin, end),
        cmocka_unit_test_setup_teardown(links_stay_links, begin, end),
        cmocka_unit_test_setup_teardown(failures_are_said, begin, end),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_the_old_file, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
