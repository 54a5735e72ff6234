// Working memory of a call, aligned to a cache line.
template <class T>
struct Scratch {
  T* const data;
  explicit Scratch(int64_t count) : data((T*)aligned_alloc(64, (count * sizeof(T) / 64 + 1) * 64)) {
    if (!data) abort();
  }
  ~Scratch() { free(data); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};
