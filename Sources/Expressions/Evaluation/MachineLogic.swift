extension Machine {
  func testNull(_ step: Step) {
    var target = lanes.target(step.target)
    if lanes.hasNulls(step.a) {
      let nulls = lanes.nulls(step.a)
      for row in target.indices { target[row] = Int64(nulls[row]) }
    } else {
      for row in target.indices { target[row] = 0 }
    }
    lanes.setHasNulls(step.target, false)
  }

  // MARK: Three-valued logic: a null is a truth that is not known

  func conjunction(_ step: Step) {
    pairs(step) { $0 & $1 }
    guard lanes.hasNulls(step.target) else { return }
    forgiveNulls(step) { $0 ^ 1 }
  }

  func disjunction(_ step: Step) {
    pairs(step) { $0 | $1 }
    guard lanes.hasNulls(step.target) else { return }
    forgiveNulls(step) { $0 }
  }

  /// Takes back the nulls of rows of which one side decides alone.
  @inline(__always)
  private func forgiveNulls(_ step: Step, _ decides: (Int64) -> Int64) {
    let (left, right) = (lanes.values(step.a), lanes.values(step.b))
    var target = lanes.target(step.target)
    var nulls = lanes.targetNulls(step.target)
    for row in nulls.indices where nulls[row] != 0 {
      let byLeft = lanes.isNull(step.a, row) ? 0 : decides(left[row])
      let byRight = lanes.isNull(step.b, row) ? 0 : decides(right[row])
      if byLeft | byRight == 0 { continue }
      nulls[row] = 0
      target[row] = byLeft != 0 ? left[row] : right[row]
    }
  }

  // MARK: Choices

  func choose(_ step: Step) {
    let condition = lanes.values(step.a)
    if lanes.hasNulls(step.a) {
      let nulls = lanes.nulls(step.a)
      select(step.b, step.c, step.target) { condition[$0] != 0 && nulls[$0] == 0 }
    } else {
      select(step.b, step.c, step.target) { condition[$0] != 0 }
    }
  }

  func coalesce(_ step: Step) {
    guard lanes.hasNulls(step.a) else { return map(step) { $0 } }
    let nulls = lanes.nulls(step.a)
    select(step.a, step.b, step.target) { nulls[$0] == 0 }
  }

  @inline(__always)
  private func select(_ a: Int32, _ b: Int32, _ register: Int32, _ takesFirst: (Int) -> Bool) {
    let (first, second) = (lanes.values(a), lanes.values(b))
    var target = lanes.target(register)
    for row in target.indices { target[row] = takesFirst(row) ? first[row] : second[row] }
    lanes.setHasNulls(register, false)
    guard lanes.hasNulls(a) || lanes.hasNulls(b) else { return }
    markNulls(register) { takesFirst($0) ? lanes.isNull(a, $0) : lanes.isNull(b, $0) }
  }
}
