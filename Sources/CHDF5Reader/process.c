#define _DEFAULT_SOURCE
#include "hdf5_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void limit(int resource, rlim_t value) {
  struct rlimit bounds;
  if (getrlimit(resource, &bounds) != 0) return;
  if (bounds.rlim_max != RLIM_INFINITY && value > bounds.rlim_max) value = bounds.rlim_max;
  bounds.rlim_cur = value;
  bounds.rlim_max = value;
  (void)setrlimit(resource, &bounds);
}

/* Bytes of address space that the process has already: the program and its libraries. */
static rlim_t address_space_now(void) {
  char text[64];
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  (void)close(file);
  if (length <= 0) return 0;
  text[length] = 0;
  return (rlim_t)strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

static _Noreturn void run_child(const char *path, const struct hdf5_reader_limits *limits, int descriptor) {
  static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGPIPE};
  for (unsigned i = 0; i < sizeof fatal / sizeof fatal[0]; i++) (void)signal(fatal[i], SIG_DFL);
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  /* A library that complains before it dies must not do so on the user's terminal. */
  int null = open("/dev/null", O_RDWR);
  if (null >= 0)
    for (int standard = 0; standard <= 2; standard++) (void)dup2(null, standard);
  /* Nor may it touch what the caller has open. */
  for (int other = 3; other < 1024; other++)
    if (other != descriptor) (void)close(other);
  limit(RLIMIT_AS, address_space_now() + (rlim_t)limits->memory);
  limit(RLIMIT_CPU, limits->seconds);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  hdf5_reader_walk(path, limits, descriptor);
  /* Not exit: what the caller registered for its own end is none of the child's. */
  _exit(0);
}

int hdf5_reader_start(const char *path, const struct hdf5_reader_limits *limits, int *child) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  for (int end = 0; end < 2; end++) (void)fcntl(ends[end], F_SETFD, FD_CLOEXEC);
  pid_t id = fork();
  if (id < 0) {
    int reason = errno;
    (void)close(ends[0]);
    (void)close(ends[1]);
    errno = reason;
    return -1;
  }
  if (id == 0) {
    (void)close(ends[0]);
    run_child(path, limits, ends[1]);
  }
  (void)close(ends[1]);
  *child = (int)id;
  return ends[0];
}

int hdf5_reader_wait(int child, int kill_first) {
  int status = 0;
  if (kill_first) (void)kill((pid_t)child, SIGKILL);
  while (waitpid((pid_t)child, &status, 0) < 0)
    if (errno != EINTR) return 0;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
