internal import Records

extension Machine {
  /// Steps that read texts and give numbers or truths.
  func readText(_ step: Step, _ input: borrowing Input) {
    switch step.code {
    case .equalText: equalTexts(step, input)
    case .compareText:
      guard let comparison = Comparison(rawValue: UInt8(truncatingIfNeeded: step.bits)) else {
        preconditionFailure("a step that compares says how")
      }
      textPairs(step, input) {
        let order = TextSearch.order($0, $1)
        return comparison.truth(isLess: order < 0, isGreater: order > 0)
      }
    case .contains: textPairs(step, input) { TextSearch.contains($0, $1) ? 1 : 0 }
    case .startsWith: textPairs(step, input) { TextSearch.starts($0, $1) ? 1 : 0 }
    case .endsWith: textPairs(step, input) { TextSearch.ends($0, $1) ? 1 : 0 }
    case .isMemberText:
      let set = input.tables.sets[Int(step.bits)]
      textMap(step, input) { set.contains($0) ? 1 : 0 }
    case .matches:
      let pattern = input.tables.patterns[Int(step.bits)]
      textMap(step, input) { pattern.isFound(in: $0) ? 1 : 0 }
    case .length: textMap(step, input) { Int64(TextMaking.length($0)) }
    case .hashText: textMap(step, input) { Int64(bitPattern: StableHash.of($0)) }
    case .hashNextText:
      let before = lanes.values(step.a)
      var target = lanes.target(step.target)
      for row in target.indices {
        let isNull = lanes.isNull(step.a, row) || lanes.isNull(step.b, row)
        target[row] = isNull ? 0 : Self.hash(before[row], Int64(bitPattern: StableHash.of(text(step.b, row, input))))
      }
      passNulls(step.a, step.b, to: step.target)
    default: preconditionFailure("\(step.code) reads no text")
    }
  }

  /// The text of a row that is not null.
  @inline(__always)
  @_lifetime(borrow self, borrow input)
  func text(_ register: Int32, _ row: Int, _ input: borrowing Input) -> Span<UInt8> {
    let reference = TextReference(bits: lanes.values(register)[row])
    switch reference.source {
    case .column(let column):
      // The view's memory is kept by its owner, which `input` holds.
      let view = input.columns[column]
      let text = view.utf8(input.first &+ row)
      let bytes = unsafe text.withUnsafeBufferPointer { unsafe $0 }
      let span = unsafe Span(_unsafeElements: bytes)
      return unsafe _overrideLifetime(span, borrowing: input)
    case .constant(let index):
      let bytes = input.tables.text(index)
      return unsafe _overrideLifetime(bytes, borrowing: input)
    case .made(let index):
      let bytes = made.text(index)
      return unsafe _overrideLifetime(bytes, borrowing: self)
    case .table(let column, let row):
      // Likewise: the table's memory is the program's.
      let values = input.tables.columns[column]
      let text = values.text(row)
      let bytes = unsafe text.withUnsafeBufferPointer { unsafe $0 }
      let span = unsafe Span(_unsafeElements: bytes)
      return unsafe _overrideLifetime(span, borrowing: input)
    case .empty: return Span<UInt8>()
    }
  }

  @inline(__always)
  private func textMap(_ step: Step, _ input: borrowing Input, _ value: (Span<UInt8>) -> Int64) {
    var target = lanes.target(step.target)
    passNulls(step.a, to: step.target)
    for row in target.indices {
      target[row] = lanes.isNull(step.target, row) ? 0 : value(text(step.a, row, input))
    }
  }

  @inline(__always)
  private func textPairs(_ step: Step, _ input: borrowing Input, _ value: (Span<UInt8>, Span<UInt8>) -> Int64) {
    var target = lanes.target(step.target)
    passNulls(step.a, step.b, to: step.target)
    for row in target.indices {
      target[row] =
        lanes.isNull(step.target, row) ? 0 : value(text(step.a, row, input), text(step.b, row, input))
    }
  }

  /// Gives the texts of all rows to `body`, and the rows without one to `onNull`.
  @inline(__always)
  func texts(
    _ register: Int32,
    _ program: Program,
    _ columns: [ColumnView],
    first: Int,
    _ body: (Int, Span<UInt8>) -> Void,
    onNull: (Int) -> Void
  ) {
    let input = Input(columns: columns, first: first, tables: program.tables)
    for row in 0..<lanes.rows {
      if lanes.isNull(register, row) { onNull(row) } else { body(row, text(register, row, input)) }
    }
  }

  /// Most often a column is compared with a constant; then what to look at is found once for all rows.
  private func equalTexts(_ step: Step, _ input: borrowing Input) {
    let isEqual = step.bits == 1
    guard case .column(let column)? = commonSource(step.a), case .constant(let index)? = commonSource(step.b) else {
      textPairs(step, input) { TextSearch.areEqual($0, $1) == isEqual ? 1 : 0 }
      return
    }
    passNulls(step.a, step.b, to: step.target)
    let view = input.columns[column]
    let constant = input.tables.text(index)
    let first = input.first
    var target = lanes.target(step.target)
    // What stands where a row is null does not matter.
    for row in target.indices {
      target[row] = TextSearch.areEqual(view.utf8(first &+ row), constant) == isEqual ? 1 : 0
    }
  }

  /// Where the texts of all rows stand; nil where that is not the same for all.
  private func commonSource(_ register: Int32) -> TextReference.Source? {
    let references = lanes.values(register)
    guard let first = references.indices.first.map({ references[$0] }) else { return nil }
    var differences: Int64 = 0
    for row in references.indices { differences |= references[row] ^ first }
    return differences == 0 ? TextReference(bits: first).source : nil
  }

  // MARK: Making texts

  /// Steps that give texts.
  mutating func makeText(_ step: Step, _ input: borrowing Input) {
    switch step.code {
    case .lower: makeTexts(step, input) { TextMaking.lower($0, into: &$1) }
    case .upper: makeTexts(step, input) { TextMaking.upper($0, into: &$1) }
    case .trim: makeTexts(step, input) { TextMaking.trim($0, into: &$1) }
    case .concatenate: concatenate(step, input)
    case .substring: substring(step, input)
    default: preconditionFailure("\(step.code) makes no text")
    }
  }

  @inline(__always)
  private mutating func makeTexts(
    _ step: Step,
    _ input: borrowing Input,
    _ make: (Span<UInt8>, inout [UInt8]) -> Void
  ) {
    passNulls(step.a, to: step.target)
    // Taken out, so that texts made before can be read while the next is written.
    var draft = takeDraft()
    for row in 0..<lanes.rows {
      var reference = TextReference.empty
      if !lanes.isNull(step.target, row) {
        draft.removeAll(keepingCapacity: true)
        make(text(step.a, row, input), &draft)
        reference = made.add(draft)
      }
      store(reference, step.target, row)
    }
    self.draft = draft
  }

  private mutating func concatenate(_ step: Step, _ input: borrowing Input) {
    passNulls(step.a, step.b, to: step.target)
    var draft = takeDraft()
    for row in 0..<lanes.rows {
      var reference = TextReference.empty
      if !lanes.isNull(step.target, row) {
        draft.removeAll(keepingCapacity: true)
        let length = text(step.a, row, input).count + text(step.b, row, input).count
        if length > MadeTexts.longest {
          markNull(step.target, row)
        } else {
          TextMaking.append(text(step.a, row, input), to: &draft)
          TextMaking.append(text(step.b, row, input), to: &draft)
          reference = made.add(draft)
        }
      }
      store(reference, step.target, row)
    }
    self.draft = draft
  }

  private mutating func substring(_ step: Step, _ input: borrowing Input) {
    passNulls(step.a, step.b, to: step.target)
    if lanes.hasNulls(step.c) { markNulls(step.target) { lanes.isNull(step.c, $0) } }
    var draft = takeDraft()
    for row in 0..<lanes.rows {
      var reference = TextReference.empty
      if !lanes.isNull(step.target, row) {
        let (start, count) = (lanes.values(step.b)[row], lanes.values(step.c)[row])
        if start < 1 || count < 0 {
          markNull(step.target, row)
        } else {
          draft.removeAll(keepingCapacity: true)
          TextMaking.substring(text(step.a, row, input), from: start, count: count, into: &draft)
          reference = made.add(draft)
        }
      }
      store(reference, step.target, row)
    }
    self.draft = draft
  }

  private mutating func takeDraft() -> [UInt8] {
    var draft: [UInt8] = []
    swap(&draft, &self.draft)
    return draft
  }

  @inline(__always)
  private func store(_ reference: TextReference, _ register: Int32, _ row: Int) {
    var target = lanes.target(register)
    target[row] = reference.bits
  }
}
