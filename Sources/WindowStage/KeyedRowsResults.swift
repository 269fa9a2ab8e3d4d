internal import Records

extension KeyedRows {
  /// Stores what a window of any kind holds at the row that was appended last, of time `now`.
  mutating func store(
    _ result: WindowResult,
    _ words: MutableUnitWords,
    at now: Int64,
    _ shape: AnyShape,
    column: Int,
    row: Int,
    into scratch: inout ColumnScratch
  ) {
    switch result.kind {
    case .count, .sum, .mean, .valueCount:
      result.store(words.words, shape, column: column, row: row, into: &scratch)
      return
    case .sequence:
      scratch.store(words[result.word] != 0, column: column, row: row)
      return
    case .rate:
      // The product is exact, so this rounds once.
      let count = Double(valueCount(result, words, shape) &* 1_000_000)
      scratch.store(count / Double(result.width), column: column, row: row)
      return
    case .distinct:
      scratch.store(words[result.word &+ ValueWindow.different], column: column, row: row)
      return
    case .top:
      if let top = top(result, words) {
        store(values.units.words(of: top)[ValueSet.value], result, column: column, row: row, into: &scratch)
        return
      }
    case .extreme, .first, .last:
      if let place = place(result, words, shape) {
        storeValue(result, at: place, shape, column: column, row: row, into: &scratch)
        return
      }
    default:
      // A decayed sum may grow beyond the greatest number.
      if let value = float(result, words, at: now, shape), value.isFinite {
        scratch.store(value, column: column, row: row)
        return
      }
    }
    result.storeNothing(column: column, row: row, into: &scratch)
  }

  /// The rows of a window that have a value; all where none is asked for.
  private func valueCount(_ result: WindowResult, _ words: MutableUnitWords, _ shape: AnyShape) -> Int64 {
    if shape.hasFlags, result.value >= 0 { return words[result.newerSum &+ 2] &- words[result.olderSum &+ 2] }
    return Int64(Cursor(words[result.newer]).count &- Cursor(words[result.older]).count)
  }

  // MARK: Values of rows

  /// The place of the row whose value is the result, if the window has a row.
  private mutating func place(_ result: WindowResult, _ words: MutableUnitWords, _ shape: AnyShape) -> Cursor? {
    let older = Cursor(words[result.older])
    guard Cursor(words[result.newer]).count != older.count else { return nil }
    switch result.kind {
    case .first: return older
    case .extreme:
      let best = best(from: older, last: words[result.word], link: result.link, shape)
      words[result.word] = best.bits
      return best
    default: return Cursor(words[result.word])
    }
  }

  private func storeValue(
    _ result: WindowResult,
    at place: Cursor,
    _ shape: AnyShape,
    column: Int,
    row: Int,
    into scratch: inout ColumnScratch
  ) {
    let chunk = chunks.words(of: place.chunk, stride: shape.chunkWords)
    let start = shape.row(place.row)
    guard isThere(result.value, chunk, start, shape) else {
      result.storeNothing(column: column, row: row, into: &scratch)
      return
    }
    store(chunk[start &+ 1 &+ result.value], result, column: column, row: row, into: &scratch)
  }

  private func store(
    _ value: Int64,
    _ result: WindowResult,
    column: Int,
    row: Int,
    into scratch: inout ColumnScratch
  ) {
    if result.isText {
      var bytes: [UInt8] = []
      texts.read(Int(value), into: &bytes)
      scratch.store(bytes.span, column: column, row: row)
    } else if result.isBool, result.kind != .extreme {
      scratch.store(value != 0, column: column, row: row)
    } else {
      scratch.store(value, column: column, row: row)
    }
  }

  // MARK: Numbers

  private mutating func float(
    _ result: WindowResult,
    _ words: MutableUnitWords,
    at now: Int64,
    _ shape: AnyShape
  ) -> Double? {
    switch result.kind {
    case .stddev: return deviation(result, words, shape)
    case .decayedSum, .decayedMean, .decayedCount:
      let left = DecayedSum(words.words, at: result.word).value(at: now &- result.age, halfLife: result.halfLife)
      switch result.kind {
      case .decayedSum: return left?.sum
      case .decayedMean: return left.map { $0.sum / $0.weight }
      // Finite whatever a checkpoint said: a count is never null.
      default: return left.map { $0.weight.isFinite ? $0.weight : 0 } ?? 0
      }
    case .timeSinceLast:
      guard let last = last(result, words) else { return nil }
      let time = chunks.words(of: last.chunk, stride: shape.chunkWords)[shape.row(last.row)]
      return Double(now &- time) / 1_000_000
    case .speed: return speed(result, words, shape)
    case .topShare, .entropy, .quantile:
      let count = words[result.word &+ ValueWindow.values]
      guard count > 0 else { return nil }
      switch result.kind {
      case .entropy:
        // What is certain has none, not what rounding leaves.
        if words[result.word &+ ValueWindow.different] == 1 { return 0 }
        return ScaledEntropy.entropy(words[result.word &+ ValueWindow.entropy], of: count)
      case .quantile: return quantile(result, of: count, words)
      default:
        return top(result, words).map { Double(values.units.words(of: $0)[result.otherWord]) / Double(count) }
      }
    default: return nil
    }
  }

  /// The place of the newest row of a window.
  private func last(_ result: WindowResult, _ words: MutableUnitWords) -> Cursor? {
    guard Cursor(words[result.newer]).count != Cursor(words[result.older]).count else { return nil }
    return Cursor(words[result.word])
  }

  private func deviation(_ result: WindowResult, _ words: MutableUnitWords, _ shape: AnyShape) -> Double? {
    let count = UInt64(bitPattern: valueCount(result, words, shape))
    guard 2...UInt64(UInt32.max) ~= count else { return nil }
    let sum =
      Int128(low: words[result.newerSum], high: words[result.newerSum &+ 1])
      &- Int128(low: words[result.olderSum], high: words[result.olderSum &+ 1])
    let squares = UInt192(words.words, at: result.word) - UInt192(words.words, at: result.otherWord)
    return WindowDeviation.of(sum: sum, squares: squares, count: count, unit: result.unit)
  }

  private func speed(_ result: WindowResult, _ words: MutableUnitWords, _ shape: AnyShape) -> Double? {
    let tail = Cursor(words[WindowLayout.tailWord])
    guard let last = last(result, words) else { return nil }
    let here = chunks.words(of: tail.chunk, stride: shape.chunkWords)
    let there = chunks.words(of: last.chunk, stride: shape.chunkWords)
    let (row, other) = (shape.row(tail.row &- 1), shape.row(last.row))
    let passed = Double(here[row] &- there[other])
    guard passed > 0, let start = position(result, there, other, shape), let end = position(result, here, row, shape)
    else { return nil }
    let distance = GreatCircle.kilometres(start.latitude, start.longitude, end.latitude, end.longitude)
    let speed = distance / (passed / 3_600_000_000)
    return speed.isFinite ? speed : nil
  }

  private func position(
    _ result: WindowResult,
    _ chunk: UnitWords,
    _ row: Int,
    _ shape: AnyShape
  ) -> (latitude: Double, longitude: Double)? {
    guard isThere(result.value, chunk, row, shape), isThere(result.otherValue, chunk, row, shape) else { return nil }
    return (
      number(chunk[row &+ 1 &+ result.value], result.isFloat, result.unit),
      number(chunk[row &+ 1 &+ result.otherValue], result.otherIsFloat, result.otherUnit)
    )
  }
}
