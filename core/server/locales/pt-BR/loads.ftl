# Por que o conteúdo de uma carga de pontos de métricas não são linhas, e o que fazer, pelos códigos
# da API.

load-not-gzip = O conteúdo não é gzip, ou foi danificado, depois da linha { $after }. Compacte-o de novo ou envie-o sem compactar, sem “Content-Encoding”.
load-cut-off = O conteúdo depois da linha { $after } foi cortado ou danificado: o gzip não tem fim. Envie tudo de novo com a mesma chave.
load-not-utf8 = O texto da linha { $line } não está em UTF-8. Salve-o em UTF-8, ou diga que está compactado, e envie-o de novo.
load-line-too-long = O que começa na linha { $line } passa de { $max } bytes. Escreva um ponto por linha.
load-too-many-lines = Há mais de { $max } linhas. Divida a carga e dê a cada parte uma chave própria.
load-payload-too-large = O conteúdo passa de { $max } bytes. Divida a carga e dê a cada parte uma chave própria.
load-unpacks-too-far = Descompactado, o conteúdo passa de { $ratio } vezes o que foi enviado. Envie só linhas de pontos, ou envie-as sem compactar.
load-silent = Nada chegou por { $seconds } segundos depois da linha { $after }. Envie tudo de novo com a mesma chave.
load-too-slow = A carga leva mais de { $seconds } segundos; chegou à linha { $after }. Divida-a e dê a cada parte uma chave própria.
load-lost = O conteúdo terminou depois da linha { $after }: { $reason }. Envie tudo de novo com a mesma chave.
