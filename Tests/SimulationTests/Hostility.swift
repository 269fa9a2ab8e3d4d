import TestSupport

/// What is done to a run, and when: a bounded number of events, so that it can end.
struct Hostility {
  enum Event: Hashable, CaseIterable {
    case killWorker, killCoordinator, crash, trouble, rescale, apply, interrupt, jump, standStill, stall, delayControl,
      delayWire
    case dropConnection, damage
  }

  private var left: Int
  private let gap: Int
  private let kinds: [Event]
  private var nextTurn = 0
  /// When it last struck.
  private(set) var lastTurn = 0

  init(_ random: inout SeededRandom) {
    left = random.chance(oneIn: 8) ? 0 : Int.random(in: 1...10, using: &random)
    gap = [30, 200, 1000].randomElement(using: &random) ?? 30
    // Some seeds know only a few kinds, so that each is met alone too.
    kinds = Event.allCases.filter { _ in Bool.random(using: &random) }
    nextTurn = Int.random(in: 0...2 * gap, using: &random)
  }

  mutating func event(at turn: Int, _ random: inout SeededRandom) -> Event? {
    guard left > 0, turn >= nextTurn else { return nil }
    left -= 1
    lastTurn = turn
    nextTurn = turn + Int.random(in: 0...2 * gap, using: &random)
    return kinds.randomElement(using: &random)
  }
}
