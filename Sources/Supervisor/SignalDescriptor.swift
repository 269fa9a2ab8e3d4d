internal import CLinux
internal import Glibc

/// SIGINT, SIGTERM and, unless it is ignored, SIGHUP as something to poll, and SIGPIPE ignored, from now on in this process.
package struct SignalDescriptor: ~Copyable {
  package let descriptor: Int32

  /// Call it before any thread is started.
  package init() throws(SystemCallError) {
    signal(SIGPIPE, SIG_IGN)
    // `nohup` has it ignored.
    var hangup = sigaction()
    unsafe sigaction(SIGHUP, nil, &hangup)
    let isIgnored = unsafe hangup.__sigaction_handler.sa_handler.map { unsafe unsafeBitCast($0, to: Int.self) } == 1
    let wanted = [SIGINT, SIGTERM] + (isIgnored ? [] : [SIGHUP])
    descriptor = try systemCall("watch for signals") {
      unsafe sluice_signal_descriptor(wanted, wanted.count)
    }
  }

  deinit { close(descriptor) }

  /// Takes one signal that came; false when none did.
  package func take() -> Bool { sluice_next_signal(descriptor) != 0 }
}
