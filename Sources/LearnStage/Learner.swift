internal import Models
internal import Records

/// A model that learns, with the rows that it has scored and will learn from: a state machine over rows and labels in their order.
struct Learner: ~Copyable {
  let plan: LearnPlan
  /// One of the two.
  var logistic: OnlineLogistic?
  var forest: IsolationForest?
  /// nil where there are no labels.
  var waiting: WaitingRows?
  var counts = Counts()
  var validation = Validation()
  /// The inputs of a row under work, and what each contributes to its score.
  private var row: [Double]
  private var contributions: [Double]
  private var chooser: ReasonChooser?
  /// The reasons of the row that was scored last.
  private(set) var reasons: [UInt8] = []

  /// What became of rows and labels.
  struct Counts: Equatable {
    /// Rows that the model has learned from.
    var learned: Int64 = 0
    /// Rows that were fraud, among them.
    var frauds: Int64 = 0
    /// Rows that count as genuine since no label came in time, among them.
    var silent: Int64 = 0
    /// Rows that were given up, since no label can come any more.
    var unlabelled: Int64 = 0
    /// Labels that no row waited for.
    var unmatched: Int64 = 0
  }

  init(_ plan: LearnPlan) {
    self.plan = plan
    switch plan.model {
    case .logistic(let settings): logistic = OnlineLogistic(settings, inputs: plan.inputs.count)
    case .isolationForest(let settings): forest = IsolationForest(settings, inputs: plan.inputs.count)
    }
    waiting = plan.labels.map { _ in WaitingRows(inputs: plan.inputs.count, idIsText: plan.idIsText) }
    row = Array(repeating: .nan, count: plan.inputs.count)
    contributions = row
    chooser = plan.reasons.map { ReasonChooser($0) }
  }

  var isWarm: Bool { counts.learned >= plan.warmUp }

  // MARK: Rows

  /// Learns from all rows about which everything is known, or has to be, by this time.
  mutating func advance(to time: Int64) {
    guard let labels = plan.labels, waiting != nil else { return }
    let (age, isGenuineAfter) =
      switch labels {
      case .rows(_, _, let within, let isGenuineAfter): (within, isGenuineAfter)
      case .own(_, let after): (after, false)
      }
    let (due, isBeforeAll) = time.subtractingReportingOverflow(age)
    guard !isBeforeAll else { return }
    while let row = waiting?.due(at: due) {
      switch waiting?.mark(of: row) {
      case .genuine: learn(row, isFraud: false)
      case .fraud: learn(row, isFraud: true)
      default:
        if isGenuineAfter {
          counts.silent += 1
          learn(row, isFraud: false)
        } else {
          counts.unlabelled += 1
        }
      }
      waiting?.remove(row)
    }
  }

  /// Scores a row, and remembers it for the time when it is known what it was.
  ///
  /// - Parameters:
  ///   - inputs: NaN where one is missing.
  ///   - hash: of its id; nil where it has none.
  ///   - text: the id, where it is a text.
  ///   - label: its own, where labels are the rows' own; nil: it has none.
  /// - Returns: its score; NaN where the model says nothing yet.
  mutating func score(
    _ inputs: Span<Double>,
    time: Int64,
    hash: UInt64?,
    text: Span<UInt8>,
    label: Bool?
  ) -> Double {
    // Taken out, so that it can be read while the model is written.
    var row: [Double] = []
    swap(&row, &self.row)
    defer { swap(&row, &self.row) }
    for input in row.indices { row[input] = inputs[input] }
    var target = row.mutableSpan
    logistic?.take(&target)
    forest?.take(&target)
    let score = isWarm ? logistic?.score(row.span) ?? forest?.score(row.span) ?? .nan : .nan
    if chooser != nil { explain(row.span) }
    switch plan.labels {
    case nil:
      forest?.learn(row.span)
      counts.learned += 1
    case .own:
      if let label {
        let mark: WaitingRows.Mark = label ? .fraud : .genuine
        waiting?.append(time: time, hash: nil, text: text, score: score, mark: mark, row.span)
      } else {
        counts.unlabelled += 1
      }
    case .rows:
      // It can be meant no more, for a label names the last row of its id.
      if let hash, let before = waiting?.find(hash, text: text) {
        counts.unlabelled += 1
        waiting?.remove(before)
      }
      waiting?.append(time: time, hash: hash, text: text, score: score, mark: .open, row.span)
    }
    return score
  }

  private mutating func explain(_ row: Span<Double>) {
    var contributions: [Double] = []
    swap(&contributions, &self.contributions)
    var target = contributions.mutableSpan
    logistic?.explain(row, into: &target)
    reasons.removeAll(keepingCapacity: true)
    chooser?.append(to: &reasons, contributions.span)
    swap(&contributions, &self.contributions)
  }

  /// Learns what a row was.
  ///
  /// - Returns: its score when it came; nil where no row waits for this label, NaN where it was given none.
  mutating func learn(_ isFraud: Bool, hash: UInt64?, text: Span<UInt8>) -> Double? {
    guard let hash, let row = waiting?.find(hash, text: text) else {
      counts.unmatched += 1
      return nil
    }
    let score = waiting?.score(of: row)
    learn(row, isFraud: isFraud)
    waiting?.remove(row)
    return score
  }

  private mutating func learn(_ number: UInt64, isFraud: Bool) {
    // Taken out, so that it can be read while the model is written.
    var row: [Double] = []
    swap(&row, &self.row)
    var target = row.mutableSpan
    waiting?.copyInputs(of: number, into: &target)
    if let score = waiting?.score(of: number), !score.isNaN { validation.add(score, isFraud: isFraud) }
    logistic?.learn(row.span, isFraud: isFraud)
    // What is unusual is told from what is usual.
    if !isFraud { forest?.learn(row.span) }
    counts.learned += 1
    if isFraud { counts.frauds += 1 }
    swap(&row, &self.row)
  }

  var memoryBytes: Int { (waiting?.memoryBytes ?? 0) + (forest?.memoryBytes ?? 0) }
}

extension LearnPlan {
  /// Whether rows are told apart by texts.
  var idIsText: Bool {
    guard case .rows(_, let id, _, _) = labels else { return false }
    return inputSchema.fields[id].type == .string
  }
}
