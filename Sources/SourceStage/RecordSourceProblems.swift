internal import Dataflow
internal import Records

extension RecordSource where Reader: ~Copyable {
  /// Goes on behind a record that is no row.
  mutating func refuse(_ problem: RowProblem, through next: Int, into effects: inout StageEffects) {
    rows.undo(row: read)
    let bytes = input.bytes
    // What others can see of it without reading it counts for all: its time decides what is late.
    if let plain = reader.plainRecord(bytes.span, from: input.at), plain.next - input.at <= plan.longestLine,
      let time = eventTime(plain.time)
    {
      note(time)
    }
    if isOwn, !isReplaying {
      if plan.errorPolicy == .fail {
        let field = problem.field(plan.schema).map { ", field `\($0)`" } ?? ""
        failure = StageFailure(
          "'\(plan.inputName)' line \(line)\(field): \(problem.reason); repair the row, or let `on_error: dead_letters` set it aside"
        )
      } else {
        report(problem, through: next, into: &effects)
        effects.counters.deadLetters += 1
      }
      effects.counters.rowsIn += 1
    }
    var lines = 0
    if plan.format.isText {
      for index in input.at..<next where bytes[index] == CSVText.newline { lines += 1 }
    } else {
      lines = 1
    }
    pass(to: next, lines: lines, isOwn: isOwn)
  }

  /// Sees to a record whose end is not there, or too far away.
  ///
  /// - Returns: false when more bytes may end it, or when there is none.
  mutating func refuseOpenRecord(into effects: inout StageEffects) -> Bool {
    guard plan.format.isText else { return refuseOpenMessage(into: &effects) }
    if input.count > plan.longestLine {
      refuseLongRecord(into: &effects)
    } else if hasEnded && input.count > 0 {
      // The input ends with a line end, so this one is within quotes.
      refuseLine(into: &effects)
    } else {
      return false
    }
    return true
  }

  /// A record longer than allowed is one long line, or begins with a line that has a quote which nobody closed: that swallows
  /// the lines behind it, but only its own line is to blame. What is decided depends on nothing but the first `longestLine`
  /// bytes, for the others need not be there.
  mutating func refuseLongRecord(into effects: inout StageEffects) {
    guard plan.format.isText else {
      _ = refuseOpenMessage(into: &effects)
      return
    }
    if let end = CSVText.endOfLine(input.bytes.span, from: input.at), end < input.at + plan.longestLine {
      refuseLine(into: &effects)
    } else {
      isSkipping = true
      refuse(.tooLong(limit: plan.longestLine), through: input.at + plan.longestLine, into: &effects)
    }
  }

  /// Sees to a message that is too long, whose end is not there, or of which nobody can tell where it ends.
  ///
  /// - Returns: false when more bytes may end it, or when there is none.
  mutating func refuseOpenMessage(into effects: inout StageEffects) -> Bool {
    switch MessageLength(input.bytes.span, at: input.at) {
    case .known(let prefix, let count) where prefix + count > plan.longestLine && input.count >= plan.longestLine:
      let rest = prefix + count - plan.longestLine
      refuse(.tooLong(limit: plan.longestLine), through: input.at + plan.longestLine, into: &effects)
      bytesToSkip = rest
      return true
    case .malformed:
      failure = StageFailure(
        "'\(plan.inputName)' byte \(input.offset + 1): no length of a message stands there, so nothing behind it can be read; "
          + "write each message behind its length, as writeDelimitedTo does"
      )
      return true
    case .known, .incomplete:
      guard hasEnded, input.count > 0 else { return false }
      refuse(.message("the input ends within the message"), through: input.bytes.count, into: &effects)
      return true
    }
  }

  /// Skips the rest of a message that was refused as too long; false when it goes on in bytes to come.
  mutating func skipBytes() -> Bool {
    let count = min(bytesToSkip, input.count)
    input.at += count
    bytesToSkip -= count
    if bytesToSkip > 0, isFarBehind { settle() }
    return bytesToSkip == 0
  }

  mutating func refuseLine(into effects: inout StageEffects) {
    let end = CSVText.endOfLine(input.bytes.span, from: input.at).map { $0 + 1 } ?? input.bytes.count
    refuse(.quotes, through: end, into: &effects)
  }

  /// Skips the rest of a line that was refused as too long; false when it goes on in bytes to come.
  mutating func skipLine() -> Bool {
    guard let end = CSVText.endOfLine(input.bytes.span, from: input.at) else {
      input.skipAll()
      if isFarBehind { settle() }
      return false
    }
    input.at = end + 1
    line += 1
    isSkipping = false
    return true
  }

  mutating func report(_ problem: RowProblem, through next: Int, into effects: inout StageEffects) {
    let bytes = input.bytes
    let record = bytes.span.extracting(input.at..<next)
    let isLine = record.count > 0 && record[record.count - 1] == CSVText.newline
    let letter = DeadLetter(
      source: plan.inputName,
      line: line,
      offset: input.offset,
      field: problem.field(plan.schema),
      reason: problem.reason
    )
    var isCut = false
    if case .tooLong = problem { isCut = true }
    guard plan.format.isText else {
      var message = record
      if case .known(let prefix, _) = MessageLength(record, at: 0) {
        message = record.extracting(droppingFirst: prefix)
      }
      letter.append(raw: message, isCut: isCut, to: &effects.deadLetters)
      return leave(letter, raw: message, into: &effects)
    }
    let raw = CSVText.trimmed(record.extracting(droppingLast: isLine ? 1 : 0))
    letter.append(raw: raw, isCut: isCut, to: &effects.deadLetters)
    leave(letter, raw: raw, into: &effects)
  }
}
