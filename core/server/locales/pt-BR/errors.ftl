# O que está errado e o que fazer. Uma mensagem para cada código; os nomes entre chaves são os
# parâmetros que o domínio fornece com o problema.

not-found = Este registro não existe neste workspace: { $kind }. Confira o que foi indicado; ele pode ter sido removido.
bad-id = Este não é um id do tipo certo: { $kind }. Use um como a API o forneceu.
bad-cursor = Este cursor não pertence a esta lista nesta ordem. Recomece sem ele.
bad-page = Peça de 1 a { $max } registros, com “first” e “after” ou com “last” e “before”.
required = É preciso informar um valor aqui.
one-needed = Informe um destes: { $names }.
too-long = O conteúdo passa de { $max } caracteres. Encurte-o.
too-many = { $of ->
    [periods] Estes dias dão mais de { $max } períodos. Peça menos dias ou períodos mais longos.
    [cohorts] Estes dias dão mais de { $max } coortes. Peça menos dias.
    [rows] Há mais de { $max } registros a examinar. Peça menos dias ou menos clientes.
    [levels] Filtros podem estar uns dentro dos outros em até { $max } níveis. Retire um nível.
    [filters] Um filtro pode ser composto de até { $max } filtros. Retire alguns.
    [values] São permitidos no máximo { $max } valores aqui. Retire alguns.
   *[other] São permitidos no máximo { $max } itens aqui. Retire alguns.
}
out-of-range = { $max ->
    [none] Informe um valor a partir de { $min }.
   *[other] Informe um número de { $min } a { $max }.
}
bad-format = { $form ->
    [text] Este texto contém caracteres de controle. Remova-os.
    [line] Isto deve ficar em uma linha. Remova as quebras de linha.
    [key] Use de 1 a 60 letras de a a z, dígitos, “-” e “_”, começando por letra ou dígito.
    [email] Este não é um endereço de e-mail. Escreva-o como nome@exemplo.com.br.
    [number] Este não é um número. Escreva-o em dígitos.
    [integer] Este não é um número inteiro. Escreva-o em dígitos, sem fração.
    [string] Este não é um texto. Escreva-o entre aspas.
    [boolean] Escreva true ou false aqui, sem aspas.
    [object] Este não é um objeto. Escreva propriedades entre chaves.
    [true] Só true diz algo aqui. Deixe isto de fora ou escolha outra forma.
    [country] Informe o país com as duas letras maiúsculas da ISO 3166-1, como BR.
    [cnpj] Este CNPJ não é válido. Confira os dígitos.
    [currency] Esta não é uma moeda em uso. Informe-a com as três letras maiúsculas da ISO 4217, como BRL.
    [date] Esta não é uma data de 1900 a 2999. Escreva-a como 31/01/2026 ou 2026-01-31.
    [products] Escreva cada produto como sua chave, “=” e um valor, com “|” entre eles: crm=100,00|bot=50,00.
    [amount] Este não é um valor inequívoco. Escreva-o com duas casas decimais, como 1234,50, e a moeda ao lado como R$ ou BRL.
    [cells] A linha tem mais ou menos células que a primeira. Procure um separador em um texto.
    [user] Ninguém no workspace tem este endereço de e-mail. Adicione o usuário primeiro.
    [json] Esta linha não é um objeto JSON. Escreva um objeto por linha, cada propriedade uma vez.
    [base64] Isto não é base64. Envie os bytes do arquivo conforme a RFC 4648.
   *[other] O valor não tem o formato exigido aqui: { $form }.
}
unfit = Isto não corresponde ao que o plugin pede: { $told }
bad-plugin = Este arquivo não pode ser instalado: { $told }
plugin-unavailable = { $told ->
    [DISABLED] O plugin { $plugin } está desativado. Ative-o ou escolha algo que não precise dele.
    [UNINSTALLED] O plugin { $plugin } foi desinstalado. Instale-o de novo ou escolha algo que não precise dele.
   *[other] O plugin { $plugin } não respondeu: { $told }. As chamadas dele dizem mais a quem cuida dos plugins.
}
not-granted = O plugin { $plugin } pede “{ $operation }”, que este workspace não concedeu a ele. Concorde com isso instalando o plugin de novo.
unknown-time-zone = Este fuso horário não é conhecido. Use um nome da base IANA, como America/Sao_Paulo.
unknown-option = Esta não é uma opção em uso de “{ $set }”. Escolha uma das opções ou adicione-a lá primeiro.
unknown-word = Esta não é uma das palavras permitidas aqui. Escolha uma delas: { $words }.
unknown-field = { $words ->
    [none] Não há propriedades aqui. Remova esta.
   *[other] Não existe tal propriedade aqui. Remova-a ou escolha uma destas: { $words }.
}
taken = Outro registro já tem este valor. Escolha outro.
role-held = Alguém teve este papel de { $min } a { $max }. Informe dias anteriores ou posteriores; no dia da passagem, dois podem tê-lo.
conflict = O registro mudou desde que você o leu; agora está na versão { $current }. Leia-o de novo e repita a alteração.
archived = Este registro foi arquivado. Restaure-o primeiro ou escolha outro.
contact-erased = O que se guardava desta pessoa foi apagado. Nada mais se guarda dela; cadastre um novo contato.
erased-before = Alguém conhecido assim foi apagado. Nem arquivos nem outros sistemas trazem a pessoa de volta: retire isto. Se ela concordou de novo, cadastre o contato manualmente.
built-in = Este registro é nativo e não pode ser alterado assim.
contradiction = Este valor não combina com “{ $with }”. Altere um dos dois.
cycle = O cliente ficaria acima de si mesmo. Escolha outro cliente superior.
below-cycle = Os clientes acima deste ficariam acima de si mesmos. Escolha antes outros clientes superiores para eles.
too-deep = Clientes podem fazer parte uns dos outros em até { $max } níveis. Escolha um cliente superior mais alto.
backfill-needed = Um momento do passado só pode ser informado aqui por uma importação, ou por uma requisição com o cabeçalho Jornada-Origin: BACKFILL. Envie assim ou retire-o.
too-early = A data é cedo demais. Informe { $min } ou depois.
too-late = A data é tarde demais. Informe { $max } ou antes.
user-inactive = Este usuário está desativado. Escolha um ativo ou reative-o primeiro.
reassign-needed = Este usuário ainda tem clientes ou tarefas. Diga quem os assume.
stands-in-template = Este usuário é quem faz a tarefa “{ $task }” da jornada padrão “{ $template }”. Indique outra pessoa lá primeiro.
last-owner = Um workspace sempre tem um proprietário. Torne outra pessoa proprietária primeiro.
bad-scope = “{ $scope }” não pode ser concedido: não é um escopo, ou está além dos seus direitos ou dos do usuário.
account-not-running = Este cliente está pausado ou cancelado, e as jornadas dele estão paradas. Retome-o primeiro.
bad-status-change = O status do cliente, { $status }, não permite isso. Altere o status primeiro.
task-not-open = { $status ->
    [PENDING] Esta tarefa ainda não está aberta. Ela abre quando as tarefas anteriores terminam.
    [PREPARING] Esta tarefa ainda não está aberta. Espere até que esteja.
    [DONE] Esta tarefa já está concluída. Reabra-a primeiro se houver mais a fazer.
    [SKIPPED] Esta tarefa foi pulada. Reabra-a primeiro se for para fazê-la afinal.
    [CANCELLED] Esta tarefa foi cancelada e assim permanece. Anote uma nova.
   *[other] Esta tarefa não está aberta, mas { $status }.
}
task-blocked = { $reason ->
    [OPEN_CRITICAL_RISK] Esta tarefa espera até que o cliente não tenha risco crítico aberto. Encerre o risco primeiro ou pule a tarefa com um motivo.
   *[other] Esta tarefa está bloqueada: { $reason }
}
task-of-journey = Esta tarefa pertence a uma jornada e não pode ser cancelada sozinha. Pule-a ou mova a jornada.
not-for-type = Uma tarefa do tipo { $type } não recebe tal valor. Deixe-o de fora.
task-not-finished = Esta tarefa não está concluída, por isso não pode ser reaberta.
visit-ended = A passagem pela etapa a que esta tarefa pertence terminou. Só as tarefas da atual podem mudar.
journey-ended = Esta jornada terminou. Inicie uma nova.
bad-move = A jornada não pode ser movida assim de onde está. Escolha uma etapa da jornada padrão dela.
not-draft = Só um rascunho pode ser alterado. Crie um novo rascunho da jornada padrão.
not-published = Só uma versão publicada pode ser usada aqui. Publique-a primeiro.
stage-gone = A jornada está na etapa “{ $stage }”, que esta versão não tem mais. Indique a etapa em que ela continua.
unknown-stage = A versão não tem etapa com esta chave. Escolha uma das etapas dela.
unknown-task = A etapa não tem atividade com esta chave. Escolha uma das atividades dela.
only-one = Só um contato de uma conta é o principal, e a linha { $line } já diz isso de outro. Mantenha-o em um dos dois.
duplicate-key = Isto aparece duas vezes. Mantenha uma só ou dê outra chave a uma delas.
no-stages = Uma jornada padrão precisa de pelo menos uma etapa. Adicione uma.
empty-stage = Esta etapa terminaria assim que começasse. Dê a ela uma tarefa obrigatória ou uma duração mínima.
unreachable-stage = Nada leva a esta etapa. Mude o que segue as etapas anteriores ou remova-a.
bad-loop = “{ $stage }” não é esta etapa nem uma anterior. Um ciclo volta: escolha uma dessas etapas.
no-end = Nada segue a última etapa. Faça-a concluir a jornada ou voltar a uma etapa.
unknown-task-type = Não existe o tipo de tarefa “{ $type }”. Escolha um que esteja instalado.
already-decided = Isto já foi decidido. Veja o que resultou.
unknown-attribute = Não há aqui nenhum atributo “{ $key }” em uso. Defina-o primeiro ou corrija a chave.
wrong-type = { $type ->
    [TEXT] Este atributo é um texto. Informe-o em “text”.
    [NUMBER] Este atributo é um número. Informe-o em “number”.
    [BOOLEAN] Este atributo é sim ou não. Informe-o em “boolean”.
    [DATE] Este atributo é um dia. Informe-o em “date”.
    [OPTION] Este atributo é uma opção. Informe-a em “optionId”.
    [MONEY] Este atributo é um valor em dinheiro. Informe-o em “money”.
   *[other] Este atributo tem outro tipo: { $type }.
}
unknown-product = Não há aqui nenhum produto “{ $key }”. Cadastre-o primeiro ou corrija a chave.
unknown-metric = Esta métrica não é conhecida ou foi arquivada. Escolha outra.
key-reused = Esta chave de lote pertence a uma carga com outro conteúdo. Dê a esta carga uma chave própria.
superseded = Um pedido posterior recomeçou esta carga. Veja nele o que resultou dela.
unknown-survey = Esta pesquisa não é conhecida ou foi arquivada. Escolha outra.
not-awaited = A jornada não está esperando por este indicador. Registre-o quando a etapa dele estiver em andamento.
not-a-sandbox = Só uma sandbox tem um relógio que pode ser adiantado. Este é um workspace de produção: use uma sandbox.
owner-needed = Só um proprietário pode fazer isso. Peça a um.
already-closed = Isto não está mais aberto: o status é { $status }. Reabra primeiro ou crie outro.
not-approved = O plano pede mais permissões do que o plugin tem: { $operations }. Aprove-o primeiro.
plan-outdated = O plugin foi alterado depois deste plano, que agora mudaria outra coisa. Descarte-o e proponha o arquivo de novo.
other-kind = Um plugin com esta chave é, ou foi, { $kind ->
    [HEALTH_SCORE] um cálculo de saúde
   *[other] um tipo de atividade
 }, e um plugin nunca muda de espécie. Dê outro id ao novo.
not-receiver = Só quem recebe a passagem de bastão, ou quem lidera, pode fazer isto. Peça a uma dessas pessoas.
checklist-open = { $count ->
    [one] Um item da lista não está feito. Conclua-o primeiro ou informe um motivo para aceitar mesmo assim.
   *[other] { $count } itens da lista não estão feitos. Conclua-os primeiro ou informe um motivo para aceitar mesmo assim.
}
items-undecided = { $count ->
    [one] Um item adiado desta revisão não tem decisão. Decida sobre ele primeiro.
   *[other] { $count } itens adiados desta revisão não têm decisão. Decida sobre cada um primeiro.
}

# Erros do nível superior.

unauthenticated = A requisição veio sem um token válido. Envie um em “Authorization: Bearer …”.
forbidden = O token não tem o escopo { $scope }. Peça a quem pode concedê-lo.
try-again = Outra pessoa alterava os mesmos registros nesse momento, e nada foi alterado. Envie de novo.
internal = Algo deu errado do nosso lado. Tente de novo; se persistir, informe o id da requisição ao administrador.
