internal import Dataflow
internal import Records
internal import Telemetry

/// Workers that come and go while a run goes on, because somebody asked for other numbers of them or started them by hand.
extension RunSupervisor {
  /// Somebody wants another number of workers for a stage.
  func rescale(_ stage: String, to workers: Int, for address: [UInt8], _ run: inout Run) throws(SupervisorError) {
    try answer(&run)
    guard run.coordinator.isFlowing else {
      return try send(
        .answer(isDone: false, message: "the run is starting, changing or ending; try again"),
        to: address
      )
    }
    do throws(SupervisorError) { try run.planner.rescale(stage, to: workers) } catch {
      return try send(.answer(isDone: false, message: "\(error)"), to: address)
    }
    let change = RunChange(version: nil, epoch: run.coordinator.epoch)
    run.request = (change, "\(stage) has \(workers) worker\(workers == 1 ? "" : "s")", address, MonotonicClock.now)
    run.observer.warn("going over to \(workers) worker\(workers == 1 ? "" : "s") for \(stage)")
    try perform(run.coordinator.rescale(), &run)
  }

  /// Somebody wants the pipeline in another file.
  func apply(_ path: String, for address: [UInt8], _ run: inout Run) throws(SupervisorError) {
    try answer(&run)
    guard run.coordinator.isFlowing else {
      return try send(
        .answer(isDone: false, message: "the run is starting, changing or ending; try again"),
        to: address
      )
    }
    let version: String
    do throws(SupervisorError) { version = try run.planner.apply(path) } catch {
      run.observer.warn("\(path) was not applied: \(error)")
      return try send(.answer(isDone: false, message: "\(error)"), to: address)
    }
    let change = RunChange(version: version, epoch: run.coordinator.epoch)
    run.request = (change, "version '\(version)' is in force", address, MonotonicClock.now)
    run.observer.warn("going over to version '\(version)'")
    try perform(run.coordinator.rescale(), &run)
  }

  /// Tells who asked for other numbers of workers, or another file, once they work.
  func answer(_ run: inout Run) throws(SupervisorError) {
    guard let (change, what, address, time) = run.request,
      let outcome = change.outcome(run.coordinator, version: run.planner.version)
    else { return }
    run.request = nil
    switch outcome {
    case .ended: try send(.answer(isDone: false, message: "the run has ended"), to: address)
    case .dropped(let version):
      let message = "a worker failed before version '\(version)' could be in force; apply it again"
      run.observer.warn(message)
      try send(.answer(isDone: false, message: message), to: address)
    case .done:
      let milliseconds = (MonotonicClock.now - time) / 1_000_000
      let message = "\(what); no rows flowed for \(milliseconds) ms at the most"
      run.observer.warn(message)
      try send(.answer(isDone: true, message: message), to: address)
    }
  }

  /// Gives a place to those who came by hand and found none: that of a worker that has gone, or a new one.
  func admit(_ run: inout Run) throws(SupervisorError) {
    guard case .distant = isolation else { return }
    for id in candidates.keys {
      guard let (stage, workers) = run.coordinator.stage(of: id) else { continue }
      if id.worker < workers {
        let silence = run.coordinator.silence(of: id, now: MonotonicClock.now) ?? 0
        guard silence > Self.silenceNanoseconds else { continue }
        try perform(run.coordinator.exited(id, cause: "has gone, and another takes its place"), &run)
      } else if Int(id.worker) == workers, run.coordinator.isFlowing {
        do throws(SupervisorError) { try run.planner.rescale(stage, to: workers + 1) } catch {
          run.observer.warn("\(stage)/\(id.worker) wants to join: \(error)")
          if let address = candidates.removeValue(forKey: id) { try send(.release, to: address) }
          return
        }
        run.observer.warn("\(stage)/\(id.worker) joins")
        try perform(run.coordinator.rescale(), &run)
      }
      // The places may be others now.
      return
    }
  }

  /// Goes on without a worker that was asked to leave: with fewer, or until another comes.
  func letGo(_ id: WorkerID, _ run: inout Run) throws(SupervisorError) {
    guard let (stage, workers) = run.coordinator.stage(of: id), run.coordinator.outcome == nil else { return }
    if Int(id.worker) == workers - 1, workers > 1, (try? run.planner.rescale(stage, to: workers - 1)) != nil {
      run.observer.warn("\(stage)/\(id.worker) leaves")
      // Where no rows flow yet, it is not waited for.
      if run.coordinator.isFlowing { return try perform(run.coordinator.rescale(), &run) }
    }
    if let address = addresses.removeValue(forKey: id) { try send(.release, to: address) }
    try perform(run.coordinator.exited(id, cause: "has left"), &run)
  }
}
