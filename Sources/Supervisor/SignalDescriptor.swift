internal import CLinux
internal import Glibc

/// SIGINT and SIGTERM as something to poll, and SIGPIPE ignored, from now on in this process.
package struct SignalDescriptor: ~Copyable {
  package let descriptor: Int32

  /// Call it before any thread is started.
  package init() throws(SystemCallError) {
    signal(SIGPIPE, SIG_IGN)
    descriptor = try systemCall("watch for signals") {
      unsafe sluice_signal_descriptor([SIGINT, SIGTERM], 2)
    }
  }

  deinit { close(descriptor) }

  /// Takes one signal that came; false when none did.
  package func take() -> Bool { sluice_next_signal(descriptor) != 0 }
}
