# O que dizem as mensagens que saem da Jornada, por tipo.

message-journey-held = A jornada de { $account } parou: passou vezes demais pela mesma etapa. Mova-a adiante.
message-renewal-due = { $notice ->
    [none] A assinatura de { $account } termina em { $date }. Converse sobre a renovação.
   *[other] A assinatura de { $account } termina em { $date }, e o aviso de não renovação pode ser dado até { $notice }. Converse sobre a renovação.
}
message-plugin-notice = Sobre { $account }: { $text }
