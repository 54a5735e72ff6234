// What NVIDIA's driver says of its devices, asked through its library, whose functions have had the same signatures since CUDA 3.2. It is
// opened by name, so that an addon that was built without CUDA runs with it and one without a driver runs as well.
#pragma once
#include <string>

namespace multigrain {

struct DriverFacts {
  std::string title;
  std::string capability;
  double totalBytes = -1;
};

struct DriverMemory {
  double freeBytes = -1;
  double totalBytes = -1;
};

DriverFacts driverFacts(int device);
DriverMemory driverMemory(int device);

}  // namespace multigrain
