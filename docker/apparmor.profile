# For hosts that restrict user namespaces to programs with a profile (Ubuntu 23.10 and newer): see docs/docker.md.
abi <abi/4.0>,
include <tunables/global>

profile lambda-range flags=(unconfined) {
  userns,
}
