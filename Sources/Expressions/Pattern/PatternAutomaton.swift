/// A pattern as a deterministic automaton over bytes.
struct PatternAutomaton: Sendable {
  /// Bytes that no transition tells apart are of one class.
  private var classes = Array(repeating: UInt8(0), count: 256)
  private var classCount = 1
  /// The next state, by state and class.
  private var transitions: [UInt16] = []
  /// By state: 1 where the pattern is found, 2 where it is if the text ends here, 4 where it cannot be any more.
  private var facts: [UInt8] = []

  private static let mostStates = 4000
  /// Nodes looked at while it is made: bounds the time that takes.
  private static let mostWork = 20_000_000

  func isFound(in text: Span<UInt8>) -> Bool {
    var state = 0
    for index in text.indices {
      if facts[state] & 5 != 0 { return facts[state] & 1 != 0 }
      state = Int(transitions[state &* classCount &+ Int(classes[Int(text[index])])])
    }
    return facts[state] & 3 != 0
  }

  init(_ pattern: PatternNodes) throws(PatternError) {
    var closure = Closure(pattern)
    let representatives = divideBytes(pattern)
    var states: [[Int]: Int] = [:]
    var sets: [[Int]] = []
    // The first state is where `^` holds. Everywhere else the pattern may begin anew.
    let again = closure.of([pattern.first], atStart: false)
    sets.append(closure.of([pattern.first], atStart: true))
    facts.append(closure.facts(sets[0], atStart: true))
    var next = 0
    while next < sets.count {
      for byte in representatives {
        let isSettled = facts[next] & 5 != 0
        let moved = isSettled ? [] : closure.of(again + closure.move(sets[next], byte), atStart: false)
        guard closure.work <= Self.mostWork else { throw .tooLarge(0..<0) }
        let state = isSettled ? next : states[moved] ?? sets.count
        if state == sets.count {
          guard state < Self.mostStates else { throw .tooLarge(0..<0) }
          states[moved] = state
          sets.append(moved)
          facts.append(closure.facts(moved, atStart: false))
        }
        transitions.append(UInt16(state))
      }
      next += 1
    }
  }

  /// Finds the classes; gives a byte of each.
  private mutating func divideBytes(_ pattern: PatternNodes) -> [UInt8] {
    var begins = Array(repeating: false, count: 257)
    begins[0] = true
    for case .byte(let range, _) in pattern.nodes {
      begins[Int(range.lowerBound)] = true
      begins[Int(range.upperBound) + 1] = true
    }
    var representatives: [UInt8] = []
    for byte in 0..<256 {
      if begins[byte] { representatives.append(UInt8(byte)) }
      classes[byte] = UInt8(representatives.count - 1)
    }
    classCount = representatives.count
    return representatives
  }

  /// Follows what takes no byte.
  private struct Closure {
    let pattern: PatternNodes
    var work = 0
    /// By node, the last search that came by.
    private var visits: [Int]
    private var search = 0

    init(_ pattern: PatternNodes) {
      self.pattern = pattern
      visits = Array(repeating: 0, count: pattern.nodes.count)
    }

    /// All nodes that are reached from some, ascending, without those that only lead to others.
    mutating func of(_ nodes: [Int], atStart: Bool, atEnd: Bool = false) -> [Int] {
      search += 1
      var open = nodes
      var reached: [Int] = []
      while let node = open.popLast() {
        work += 1
        guard visits[node] != search else { continue }
        visits[node] = search
        switch pattern.nodes[node] {
        case .byte, .found: reached.append(node)
        case .split(let branches): open += branches
        case .start(let next): if atStart { open.append(next) }
        case .end(let next): if atEnd { open.append(next) } else { reached.append(node) }
        }
      }
      return reached.sorted()
    }

    /// Where a byte leads.
    mutating func move(_ nodes: [Int], _ byte: UInt8) -> [Int] {
      work += nodes.count
      return nodes.compactMap { node in
        if case .byte(let range, let next) = pattern.nodes[node], range.contains(byte) { return next }
        return nil
      }
    }

    mutating func facts(_ nodes: [Int], atStart: Bool) -> UInt8 {
      // The pattern is node 0 where it is found.
      if nodes.contains(0) { return 1 }
      if of(nodes, atStart: atStart, atEnd: true).contains(0) { return 2 }
      return nodes.isEmpty ? 4 : 0
    }
  }
}
