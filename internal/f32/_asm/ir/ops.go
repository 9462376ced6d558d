package ir

// An Op is an operation. Unless it says otherwise it works on all lanes of vector registers: Dst from Args.
type Op uint8

// Arithmetic on float32 lanes. Each rounds once.
const (
	Add    Op = iota
	Sub       // a - b
	Mul       //
	Div       // a / b
	Sqrt      //
	FMA       // a*b + c
	FNMA      // c - a*b
	FMS       // a*b - c
	Min       // b > a ? a : b, which is b if either is NaN: the Go statement "if b > a { b = a }"
	Max       // b < a ? a : b, which is b if either is NaN: "if b < a { b = a }"
	MaxAny    // the greater one: either if they are equal, NaN if one is, if the target has it
	FMAE      // Args[0]*Args[1].lane[Imm] + Args[2], if the target has ByElement

	// On 32-bit integers or bits.
	AddI
	SubI
	ShlI   // a << Imm
	ShrI   // a >> Imm, zeros come in
	SarI   // a >> Imm, the sign comes in
	And    //
	AndNot // ^a & b
	Or     //
	Xor    //
	Blend  // a's bits where Args[0] has ones, b's elsewhere: Args[0], a, b

	Move // Dst = a
	Zero // all bits

	// Choices.
	CmpEQ     // a == b, float32
	CmpLT     // a < b
	CmpGT     // a > b
	CmpNLE    // !(a <= b), true for NaN
	CmpUnord  // a or b is NaN
	CmpGTI    // a > b, signed integers
	SignMask  // the sign bit of a is set
	Select    // Args[0] ? Args[1] : Args[2]
	KeepWhere // a where a has a bit in common with Args[1], +0 elsewhere
	NoLane    // Dst, an Int, is 1 if no lane of any of Args, which are masks, is chosen, else 0

	// Between registers of different kinds.
	Spread     // lane 0 of a in all lanes
	Fold       // Args are the 16 lanes of a vector; lane 0 of Dst is their sum, or their Max if Imm is 1: lanes 8 to 15 op 0 to 7, the upper ones being the first argument, and so on down to one
	FloatOfInt // Dst's lane 0, at least, is the float32 nearest to the integer Args[0]
	Transpose  // Args are Target.Lanes registers (or, if fewer are given, that many lanes count), which it transposes in place

	// Memory.
	Load         // Target.Lanes float32s
	Store        // Args[0]
	LoadTail     // the lanes that Args[0] has, +0 in the others: a mask, its address, or a count, which may be 0 or less, or more than there are; the count is at least 1 if Imm is 1, and 1 or all lanes if Imm is 2
	StoreTail    // Args[0] is the count of lanes left, an Int; so many lanes of Args[1], or all if it is greater, with stores that a load of the next row need not wait for
	StoreFirst   // lane 0 of Args[0]
	StoreLanes   // Args[1], the lanes that Args[0] has
	LoadBytes    // Target.Lanes bytes, each a 32-bit integer
	BroadcastMem // one float32 in all lanes
	Prefetch     // into the cache of level Imm, 1 or 2

	// Products in 8 bits.
	LoadPairs  // two weights of 8 bits for each lane
	SpreadPair // two 16-bit integers in memory for all lanes; each is one of 8 bits
	AddPairs   // Args[2] + the two products of Args[0], from LoadPairs, and Args[1], from SpreadPair, as 32-bit integers
	FloatOf    // the float32 nearest to a 32-bit integer
	StoreShort // each lane of Args[0] as a 16-bit integer, which it must fit

	// TailLanes makes what LoadTail and StoreLanes take: a mask of the lanes from Imm on, of the first Args[0] ones, if the
	// target has Masks. An Int Dst is the address of such a mask.
	TailLanes

	// Integers and addresses.
	IntConst  // Imm
	IntMove   //
	IntAdd    // a + b, or a + Imm
	IntSub    // a - b
	IntMul    // a * b, or a * Imm
	IntShl    // a << Imm
	IntShr    // a >> Imm, zeros come in
	IntShlAdd // a + b << Imm
	IntLea    // the address Mem
	IntLoad   // an address or an int, 8 bytes
	ParamInt  // the parameter Imm, or the address in a slice parameter
	ParamLen  // the length of the slice parameter Imm

	// Results of the function.
	ResultFloat // result Imm is lane 0 of Args[0]
	ResultBool  // result Imm is whether the Int Args[0] is not 0
	Return
)

// Commutes says whether the first two arguments may change places.
func (op Op) Commutes() bool {
	switch op {
	case Add, Mul, FMA, FNMA, FMS, AddI, And, Or, Xor:
		return true
	}
	return false
}
