/// A pattern as a non-deterministic automaton over bytes (Thompson 1968, "Regular Expression Search Algorithm").
struct PatternNodes {
  enum Node {
    /// Goes on after a byte of the range.
    case byte(ClosedRange<UInt8>, next: Int)
    /// Goes on at each of these, without a byte.
    case split([Int])
    /// Goes on at the beginning of the text only.
    case start(next: Int)
    /// Goes on at the end of the text only.
    case end(next: Int)
    /// The pattern is found.
    case found
  }

  private(set) var nodes: [Node] = [.found]
  private(set) var first = 0

  private var steps = 0

  private static let mostNodes = 20_000
  /// Repetitions of nothing add no nodes, and would take their time all the same.
  private static let mostSteps = 200_000

  init(of syntax: PatternSyntax) throws(PatternError) { first = try add(syntax, next: 0) }

  private mutating func add(_ node: Node) throws(PatternError) -> Int {
    guard nodes.count < Self.mostNodes else { throw .tooLarge(0..<0) }
    nodes.append(node)
    return nodes.count - 1
  }

  /// Where `syntax` begins that goes on at `next`.
  private mutating func add(_ syntax: PatternSyntax, next: Int) throws(PatternError) -> Int {
    steps += 1
    guard steps < Self.mostSteps else { throw .tooLarge(0..<0) }
    switch syntax {
    case .character(let ranges):
      var branches: [Int] = []
      for sequence in ranges.flatMap(PatternCharacters.utf8) {
        var place = next
        for range in sequence.reversed() { place = try add(.byte(range, next: place)) }
        branches.append(place)
      }
      return branches.count == 1 ? branches[0] : try add(.split(branches))
    case .sequence(let parts):
      var place = next
      for part in parts.reversed() { place = try add(part, next: place) }
      return place
    case .alternatives(let parts):
      var branches: [Int] = []
      for part in parts { branches.append(try add(part, next: next)) }
      return try add(.split(branches))
    case .repeated(let part, let least, let most):
      var place = next
      if let most {
        for _ in least..<most { place = try add(.split([add(part, next: place), next])) }
      } else {
        place = try add(.split([]))
        let body = try add(part, next: place)
        nodes[place] = .split([body, next])
      }
      for _ in 0..<least { place = try add(part, next: place) }
      return place
    case .start: return try add(.start(next: next))
    case .end: return try add(.end(next: next))
    }
  }
}
