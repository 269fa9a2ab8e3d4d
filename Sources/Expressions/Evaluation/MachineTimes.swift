internal import Records

extension Machine {
  func time(_ step: Step, _ input: borrowing Input) {
    switch step.code {
    case .year: map(step) { Timestamp.date(ofDay: Timestamp.day(of: $0)).year }
    case .month: map(step) { Timestamp.date(ofDay: Timestamp.day(of: $0)).month }
    case .day: map(step) { Timestamp.date(ofDay: Timestamp.day(of: $0)).day }
    case .hour: map(step) { Timestamp.timeOfDay(of: $0) / 3_600_000_000 }
    case .minute: map(step) { Timestamp.timeOfDay(of: $0) / 60_000_000 % 60 }
    case .weekday: map(step) { Timestamp.weekday(of: $0) }
    case .local: local(step, input.tables.zones[Int(step.bits)])
    case .secondsBetween:
      partialPairs(step) {
        let (difference, fails) = $1.subtractingReportingOverflow($0)
        return (Self.bits(Double(difference) / 1e6), fails)
      }
    default: preconditionFailure("\(step.code) tells no time")
    }
  }

  private func local(_ step: Step, _ rules: TimeZoneRules) {
    let source = lanes.values(step.a)
    var target = lanes.target(step.target)
    // Rows come in the order of their times: most lie in the period of the one before.
    var period = TimeZoneRules.Period.none
    for row in target.indices {
      let time = source[row]
      if !period.contains(time) { period = rules.period(of: time) }
      target[row] = time &+ period.offset
    }
    passNulls(step.a, to: step.target)
  }
}
