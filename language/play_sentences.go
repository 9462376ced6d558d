package language

// playSentences is the part of the play's grammar that builds sentences; playWords has the words. Nouns are under things;
// people have he or she; % is the number of the subject, & the person addressed.
const playSentences = `
place
	3 SCENE. Before the <spot>.
	2 SCENE. <Part> of the <spot>.
	2 SCENE. The <spot> by night.
spot
	2 castle
	2 forest
	1 harbour
	1 kitchen
	1 old mill
	1 garden
	1 tavern
	1 city wall
	1 chapel
	1 market
	1 island
	1 battlefield
	1 orchard
Part
	2 Another part
	1 A dark corner
	1 The far side

speech.%.&
	4 <remark.%.&>
	5 <remark.%.&> <remark.%.&>
	3 <remark.%.&> <remark.%.&> <remark.%.&>
pause
	4 ,_
	1 !_

answer.%.&
	3 ay,_
	3 no,_
	1 not {I|we},_
	2 {I|we} know not._
	2 by <holy>, {I|we} do._
	1 ask the <noun.s>._
	1 {thou wilt|you will|you will} not like it:_
	1 so they say._

ask.%.&
	3 {hast thou|have you|have you} seen <things.%>?
	2 what {sayst thou|say you|say you} to <things.s>?
	2 where {is|are} <things.%>?
	2 why {does|do} <things.%> <do.p>?
	2 who <did> <things.s>?
	2 {art thou|are you|are you} <adj>, or only <adj>?
	1 shall {I|we} <act> <things.s>?
	1 {canst thou|can you|can you all} <act> <things.p>?
	1 how long must {I|we} wait for <things.s>?
	1 {wilt thou|will you|will you} have {thy|your|your} <noun.s>, or {my|our} <noun.p>?

remark.%.&
	5 <claim>
	4 <own.%>
	3 <order.&>
	3 <thou.&>
	2 <gossip>
	1 <quote.&>
	1 <proverb>
	1 <oath>! <claim>

claim
	4 <things.s> <do.s><where>.
	3 <things.p> <do.p><where>.
	1 <things.s> <do.s>, and <things.p> <do.p>.
	1 <things.p> <do.p>, but <things.s> <do.s>.
	1 when <things.s> <do.s>, <things.p> <do.p>.
	1 there is <things.s> <where1>.
	1 there are <things.p> <where1>.
	1 <things.s> (<aside.s>) <do.s>.
	1 <things.p> (<aside.p>) <do.p>.
aside.%
	2 and {it is|they are} <adj>
	1 so {it seems|they seem}
	1 heaven keep {it|them}
	1 for {it|they} <do.%>
	1 which <do.%>

things.%
	6 <the.%> <noun.%>
	4 <the.%> <adj> <noun.%>
	2 <the.%> <noun.%> <where1>
	2 <the.%> <noun.%> of <things.s>
	1 <the.%> <noun.%> of <things.p>
	1 <the.%> <noun.%> that <do.%>
	1 <the.%> <noun.%> that <things.s> <verb.s>
	1 <the.%> <noun.%> that <things.p> <verb.p>
the.%
	5 the
	2 my
	1 {this|these}
	1 {that|those}
	2 {a|some}
	1 {every|all}
	1 {no|two}
	1 {one|ten}

do.%
	4 <alone.%>
	5 <verb.%> <things.s>
	3 <verb.%> <things.p>
	2 {is|are} <adj>
	2 {is|are} more <adj> than <things.s>
	1 {has|have} <done> <things.s>
	1 {was|were} <done> by <things.p>
	1 {does|do} not <act> <things.s>

own.%
	3 {I|we} <verb.p> <things.s>.
	2 {I|we} <verb.p> <things.p>.
	2 {I am|we are} <adj>, and {my|our} <noun.p> <do.p>.
	2 {I am|we are} <adj>, but {my|our} <noun.s> <do.s>.
	2 {I have|we have} <done> <things.s><where>.
	1 {I was|we were} never <adj> till <things.p> <did> {me|us}.
	1 give {me|us} <things.s>, and {I|we} will <act> <things.p>.
	1 {I|we} would <act> <things.s> if {my|our} <noun.p> did not <act> {me|us}.
	1 for {my|our} part, {I|we} <alone.p><where>.

order.&
	3 <act> {thy|your|your} <noun.s>!
	2 <act> {thy|your|your} <noun.p>, and <act> <things.s>.
	2 let <things.p> <alone.p><where>.
	1 come, <act> {thyself|yourself|yourselves}.
	1 do not <act> {thy|your|your} <noun.p>: {thou needst|you need|you need} them.
	1 look <where1>, and <act> <things.s>.
	1 swear by {thy|your|your} <noun.s> that <things.s> <do.s>.

thou.&
	3 {thou art|you are|you are} <adj><than.&>.
	2 {thou hast|you have|you have} <done> <things.s>.
	2 {thou canst|you can|you can} not <act> <things.p>.
	1 {thou wilt|you will|you will} <act> <things.s>, and {thy|your|your} <noun.p> <do.p>.
	1 {thou lov'st|you love|you love} <things.s>, yet <things.s> {loves|loves} not {thee|you|you}.
	1 if {thou wert|you were|you were} <adj>, {thy|your|your} <noun.s> would not <act> {thee|you|you}.
	1 {thy|your|your} <noun.p> <do.p>, and {thou knowst|you know|you know} it.
	1 <things.p> <verb.p> {thee|you|you}.
than.&
	3
	1 _as <things.s>
	1 , and so are {thy|your|your} <noun.p>
	1 _beyond all <noun.p>

gossip
	2 <man> <do.s>, and he <do.s>.
	2 <woman> <do.s>, and she <do.s>.
	1 when <man> <verb.s> <things.s>, his <noun.p> <do.p>.
	1 when <woman> <verb.s> <things.s>, her <noun.p> <do.p>.
	1 <man> has <done> his <noun.s>, and it <do.s>.
	1 <woman> has <done> her <noun.s>, and it <do.s>.
	1 <man> and <woman> <do.p>, and they <do.p>.
	1 <woman> loves <man>, but he <verb.s> <things.s>.
	1 <man> loves <woman>, but she <verb.s> <things.s>.
man
	2 the <trade> of the <spot>
	1 my uncle
	1 your brother
	1 the bishop
	1 old Crumble
	1 her father
	1 the hangman
	1 Lord Thistle
	1 the sexton's son
woman
	2 the <trade>'s wife
	1 my aunt
	1 your sister
	1 the abbess
	1 sweet Marigold
	1 his mother
	1 the washerwoman
	1 Lady Bramble
	1 the miller's daughter
trade
	1 baker
	1 tailor
	1 barber
	1 poet
	1 cobbler
	1 gardener
	1 piper

quote.&
	2 <man> said, "<inside>"
	2 <woman> said, "<inside>"
	1 it is written, "<inside>"
	1 the <noun.s> said, "<inside>" and the <noun.p> said, "<inside>"
	1 {thou saidst|you said|you said}, "<inside>"
inside
	3 <claim>
	2 <own.s>
	1 <own.p>
	2 <thou.t>
	1 <order.t>
	1 <gossip>

proverb
	1 no <noun.s> without its <noun.s>.
	1 better <things.s> than <things.p>.
	1 who <verb.s> <things.p>, <verb.s> <things.s>.
	1 where <things.p> <alone.p>, there <alone.s> <things.s>.
	1 as <things.s> <verb.s> <things.s>, so <things.p> <verb.p> <things.p>.

oath
	2 O <noun.s>
	2 O <adj> <noun.s>
	1 by <holy>
	1 alas
	1 fie
	1 hark
	1 peace
	1 out upon it
holy
	2 heaven
	1 this hand
	1 my beard
	1 the moon
	1 Saint Osbert
	1 the seven seas
	1 my mother's ladle

call KING
	2 my king
	1 sire
	1 great sir
call QUEEN
	2 my queen
	1 madam
	1 great lady
call DUKE
	2 my lord
	1 good duke
	1 noble duke
call DUCHESS
	2 my lady
	1 sweet duchess
	1 good madam
call BELMORO
	2 Belmoro
	1 good sir
	1 brave Belmoro
call FENELLA
	2 Fenella
	1 good mistress
	1 fair Fenella
call TARQUIL
	2 Tarquil
	1 good sir
	1 cunning Tarquil
call GHOST
	2 pale ghost
	1 spirit
	1 thin sir
call WITCHES
	2 dark sisters
	1 witches
	1 good hags
call FOOL
	2 fool
	1 good fool
	1 sweet ass
call NURSE
	2 nurse
	1 good nurse
	1 old heart
call COOK
	2 cook
	1 good cook
	1 master ladle
call SOLDIERS
	2 soldiers
	1 brave fellows
	1 good sirs
call SAILORS
	2 sailors
	1 salty fellows
	1 good sirs

where
	6
	2 _<where1>
	1 _<when>
where1
	2 in the <spot>
	1 behind the <spot>
	1 upon the sea
	1 under the moon
	1 at the feast
	1 beneath the stairs
	1 by the river
	1 on the hill
	1 beyond the wood
when
	2 tonight
	1 at dawn
	1 in the rain
	1 every winter
	1 for a penny
	1 without shame
	1 till noon
`
