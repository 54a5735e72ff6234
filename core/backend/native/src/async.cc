#include "async.h"

#include <c10/util/Exception.h>

#include <memory>

namespace multigrain {

namespace {

struct Job {
  std::function<void()> work;
  std::function<napi_value(napi_env)> outcome;
  napi_async_work handle = nullptr;
  napi_deferred promise = nullptr;
  bool failed = false;
  std::string code = "torch";
  std::string message;
};

void fail(Job& job, const std::string& message) {
  job.failed = true;
  job.message = message;
}

template <typename Step>
void attempt(Job& job, Step step) {
  try {
    step();
  } catch (const CodedError& error) {
    job.code = error.code;
    fail(job, error.message);
  } catch (const c10::Error& error) {
    fail(job, error.what_without_backtrace());
  } catch (const std::exception& error) {
    fail(job, error.what());
  } catch (...) {
    fail(job, "libtorch threw something that is no exception");
  }
}

void execute(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  attempt(job, [&] { job.work(); });
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value value = nullptr;
  if (!job->failed) attempt(*job, [&] { value = job->outcome(env); });
  if (job->failed) {
    napi_create_error(env, fromText(env, job->code), fromText(env, job->message), &value);
    napi_reject_deferred(env, job->promise, value);
  } else {
    napi_resolve_deferred(env, job->promise, value);
  }
  napi_close_handle_scope(env, scope);
  napi_delete_async_work(env, job->handle);
}

}  // namespace

napi_value inBackground(napi_env env, std::function<void()> work, std::function<napi_value(napi_env)> outcome) {
  auto job = std::make_unique<Job>();
  job->work = std::move(work);
  job->outcome = std::move(outcome);
  napi_value promise;
  check(env, napi_create_promise(env, &job->promise, &promise), "promise");
  check(env, napi_create_async_work(env, nullptr, fromText(env, "multigrain"), execute, complete, job.get(), &job->handle),
        "background work");
  check(env, napi_queue_async_work(env, job->handle), "background work");
  job.release();
  return promise;
}

}  // namespace multigrain
